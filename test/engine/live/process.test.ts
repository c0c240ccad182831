import t from "tap";
import type { ContainerState } from "../../../src/container/record.ts";
import { openProcessSampler, type ProcessBoard } from "../../../src/engine/live/process.ts";
import { runningRow } from "../../fixture/dashboard.ts";
import { makeUse } from "../../fixture/process-use.ts";

const stateOf = (name: string, given: Partial<ContainerState> = {}): ContainerState => runningRow(name, given).container as ContainerState;

function finish(steps: Generator<void, ProcessBoard>): ProcessBoard {
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

/** Processes of "web", which may be changed between two looks. */
function openWorld() {
  const world = {
    nowMs: 0,
    cpuSeconds: 1,
    startTicks: 5,
    pids: [11, 12] as readonly number[],
    kept: new Set<number>(),
    cpuNanos: 0,
    reads: 0,
  };
  const sampler = openProcessSampler({
    members: ({ record }) => (record.name.startsWith("web") ? world.pids : []),
    cpuNanos: () => world.cpuNanos,
    read(pid) {
      world.reads++;
      return pid === 12 ? undefined : makeUse({ pid, cpuSeconds: world.cpuSeconds, startTicks: world.startTicks });
    },
    keepOnly(pids) {
      world.kept = new Set(pids);
    },
    clockMs: () => world.nowMs,
  });
  return { world, look: (...states: readonly ContainerState[]) => finish(sampler.sample(states)) };
}

t.test("rates come with the second look", async (t) => {
  const { world, look } = openWorld();
  const web = stateOf("web");
  const first = look(web, stateOf("db"), stateOf("old", { status: "exited" }));
  t.equal(first.containers, 2);
  t.match(first.processes, [{ pid: 11, containerName: "web", containerId: web.record.id, cpuPercent: undefined }]);
  t.equal(first.processes.length, 1, "one that went between two reads is left out");
  Object.assign(world, { nowMs: 2000, cpuSeconds: 2 });
  t.equal(look(web).processes[0]?.cpuPercent, 50);
  Object.assign(world, { nowMs: 3000 });
  t.equal(look(web).processes[0]?.cpuPercent, 0);
});

t.test("another process of the same number begins anew", async (t) => {
  const { world, look } = openWorld();
  look(stateOf("web"));
  Object.assign(world, { nowMs: 1000, startTicks: 6, cpuSeconds: 0 });
  t.equal(look(stateOf("web")).processes[0]?.cpuPercent, undefined);
});

t.test("nothing is kept of those that have gone", async (t) => {
  const { world, look } = openWorld();
  look(stateOf("web"));
  t.same([...world.kept], [11]);
  Object.assign(world, { pids: [], nowMs: 1000 });
  t.same(look(stateOf("web")).processes, []);
  t.equal(world.kept.size, 0);
  Object.assign(world, { pids: [11], nowMs: 2000 });
  t.equal(look(stateOf("web")).processes[0]?.cpuPercent, undefined);
});

t.test("where no processor was used nothing is read but what is new", async (t) => {
  const { world, look } = openWorld();
  const web = stateOf("web");
  Object.assign(world, { cpuNanos: 500, pids: [11] });
  look(web);
  Object.assign(world, { nowMs: 1000 });
  const { processes } = look(web);
  t.equal(world.reads, 1);
  t.equal(processes[0]?.cpuPercent, 0, "which is told");
  Object.assign(world, { nowMs: 2000 });
  t.equal(look(web).processes, processes, "the same value");
  Object.assign(world, { nowMs: 3000, pids: [11, 13] });
  t.same(
    look(web).processes.map(({ pid }) => pid),
    [11, 13],
  );
  t.equal(world.reads, 2, "one that was put there");
  Object.assign(world, { nowMs: 4000, cpuNanos: 501, cpuSeconds: 1.5 });
  t.match(look(web).processes, [{ pid: 11, cpuPercent: 50 }, { pid: 13 }], "since the last look, read or not");
  t.equal(world.reads, 4);
  Object.assign(world, { nowMs: 15_000 });
  look(web);
  t.equal(world.reads, 6, "after a while all the same: memory may be taken");
  look({ ...web, record: { ...web.record, name: "web2" } });
  t.equal(world.reads, 8, "of another name");
});
