// The kernel tells when a group of cgroup v2 is entered and left.
import { spawn } from "node:child_process";
import { mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import t from "tap";
import { openGroupWatches } from "../../src/engine/live/group-watch.ts";
import { readHierarchies } from "../../src/kernel/cgroup/observe.ts";
import { watchGroup } from "../../src/kernel/cgroup/watch.ts";
import { liveContainer } from "../engine/live/container-fixture.ts";
import { needRoot } from "../fixture/root.ts";
import { waitFor } from "../fixture/wait.ts";

t.test("entered, left, and gone", { ...needRoot, buffered: true }, async (t) => {
  const v2 = readHierarchies().find(({ version }) => version === "v2");
  if (!v2) return t.plan(0, "this host has no cgroup v2");
  const group = `${v2.mountPoint}/tsns-test-watch-${process.pid}`;
  mkdirSync(group);
  let count = 0;
  using watches = openGroupWatches(() => count++);
  const state = liveContainer("watched");
  const run = { startedMs: 1, endpoints: [], cgroups: { unified: group } };
  watches.follow([{ ...state, record: { ...state.record, run } }]);
  const child = spawn("sleep", ["1000"], { stdio: "ignore" });
  t.teardown(() => child.kill("SIGKILL"));
  writeFileSync(`${group}/cgroup.procs`, `${child.pid}`);
  await waitFor("news of a process that came", () => count > 0);
  const before = count;
  child.kill("SIGKILL");
  await waitFor("news of its end", () => count > before);
  rmdirSync(group);
  watches.follow([]);
  using none = watchGroup(group, () => count++);
  t.ok(none, "a group that is not there tells nothing");
});
