// One watch and one sampler for all who look at the same time.
import { mkdirSync, writeFileSync } from "node:fs";
import t from "tap";
import { containerDirectory } from "../../../src/engine/container/directory.ts";
import { recordEvent } from "../../../src/engine/event.ts";
import { type Containers, openLiveSource, type UsageTold } from "../../../src/engine/live/source.ts";
import { ownIdentity } from "../../../src/kernel/proc/identity.ts";
import { insertContainer, updateContainerState } from "../../../src/store/container-record.ts";
import { makeRecord, testId } from "../../fixture/request.ts";
import { openTestEngine } from "../../fixture/store.ts";
import { waitFor } from "../../fixture/wait.ts";

const fail = (error: unknown) => {
  throw error;
};

t.test("followers of containers share what is known, and the last one ends it", async (t) => {
  const engine = openTestEngine(t);
  const source = openLiveSource(engine, 100);
  const [one, other]: [Containers[], Containers[]] = [[], []];
  const first = source.followContainers({ told: (value) => one.push(value), failed: fail });
  await waitFor("the list", () => one.length === 1);
  t.same(one[0], []);
  const second = source.followContainers({ told: (value) => other.push(value), failed: fail });
  t.equal(other[0], one[0], "told at once");
  insertContainer(engine.store, makeRecord());
  recordEvent(engine, { type: "container", action: "create", id: testId });
  await waitFor("the new one", () => one.length === 2 && other.length === 2);
  t.equal(one[1], other[1]);
  t.match(one[1], [{ record: { id: testId }, status: "created" }]);
  first[Symbol.dispose]();
  recordEvent(engine, { type: "container", action: "destroy", id: testId });
  engine.store.run("DELETE FROM container");
  await waitFor("its end", () => other.length === 3);
  t.same([one.length, other[2]], [2, []]);
  second[Symbol.dispose]();
});

t.test("use: of those that are wanted, for everybody at the same time", async (t) => {
  const engine = openTestEngine(t);
  const { pid, startTime } = ownIdentity();
  const directory = t.testdir({ "cpuacct.usage": "5000000\n", "memory.usage_in_bytes": "4096\n", "pids.current": "1\n" });
  const { path } = containerDirectory(engine.root, testId);
  mkdirSync(path, { recursive: true });
  writeFileSync(`${path}/monitor`, `${pid} ${startTime} ${pid} ${startTime}\n`);
  insertContainer(engine.store, makeRecord());
  const cgroups = { cpuacct: directory, memory: directory, pids: directory };
  updateContainerState(engine.store, testId, { run: { startedMs: 1, cgroups, endpoints: [] } });
  const source = openLiveSource(engine, 100);
  const [some, all]: [UsageTold[], UsageTold[]] = [[], []];
  using following = source.followUsage(["nobody"], { told: (value) => some.push(value), failed: fail });
  await waitFor("a look", () => some.length > 0);
  t.equal(some.at(-1)?.board.latest.size, 0);
  following.want([testId]);
  await waitFor("its use", () => some.at(-1)?.board.latest.get(testId)?.memoryBytes === 4096);
  using _all = source.followUsage("running", { told: (value) => all.push(value), failed: fail });
  await waitFor("all", () => all.at(-1)?.running.length === 1);
  const from = all.length;
  writeFileSync(`${directory}/cpuacct.usage`, "9000000\n");
  await waitFor("a change", () => all.slice(from).some(({ isChanged }) => isChanged));
  t.equal(all.at(-1)?.board, some.at(-1)?.board);
});
