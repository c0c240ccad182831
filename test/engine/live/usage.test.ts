// The sampler with clocks and counters of the test: what is read when, and what two readings say.
import t from "tap";
import { type ContainerState, isLive } from "../../../src/container/record.ts";
import { openUsageSampler } from "../../../src/engine/live/usage.ts";
import type { UsageSources } from "../../../src/engine/live/usage-source.ts";
import type { GroupCounters } from "../../../src/kernel/cgroup/counter.ts";
import { liveContainer } from "./container-fixture.ts";

interface World {
  nowMs: number;
  cpuNanos: number | undefined;
  counters: GroupCounters;
  limits: { memoryBytes: number; pids: number };
  links: Record<string, { receivedBytes: number; sentBytes: number }>;
  /** What was done, in words. */
  readonly done: string[];
}

const gibi = 2 ** 30;

function makeWorld(): { world: World; sources: UsageSources } {
  const world: World = {
    nowMs: 0,
    cpuNanos: 1e9,
    counters: { memoryBytes: 100, throttledNanos: 0, pids: 1, blockReadBytes: 0, blockWriteBytes: 0, oomKills: 0 },
    limits: { memoryBytes: Number.POSITIVE_INFINITY, pids: 0 },
    links: {},
    done: [],
  };
  const sources: UsageSources = {
    wallMs: () => 1e12 + world.nowMs,
    clockMs: () => 1000 + world.nowMs,
    // two processors, always counted as idle or busy
    hostCpu: () => ({ totalNanos: world.nowMs * 1e6 * 2, onlineCpus: 2 }),
    hostMemoryBytes: () => gibi,
    openFiles() {
      world.done.push("open");
      return {
        readCpuNanos: () => world.cpuNanos,
        readCounters() {
          world.done.push("counters");
          return world.counters;
        },
        readLimits() {
          world.done.push("limits");
          return world.limits;
        },
        close: () => world.done.push("close"),
      };
    },
    linkBytes: (names) => new Map(Object.entries(world.links).filter(([name]) => names.has(name))),
    processBytes: () => ({ receivedBytes: 7, sentBytes: 8 }),
  };
  return { world, sources };
}

const nobody = () => undefined;

function open() {
  const { world, sources } = makeWorld();
  const sampler = openUsageSampler(1000, sources);
  const look = (afterMs: number, ...containers: ContainerState[]) => {
    world.nowMs += afterMs;
    world.done.length = 0;
    return sampler.sample(containers, nobody);
  };
  return { world, sampler, look };
}

t.test("the first look only counts, the second one has rates", async (t) => {
  const { world, sampler, look } = open();
  const web = liveContainer("web", { hostLinks: ["v1"] });
  const { id } = web.record;
  world.links = { v1: { receivedBytes: 1000, sentBytes: 2000 } };
  const { isChanged, first } = look(0, web);
  t.equal(isChanged, false);
  t.match(first.get(id), { cpuPercent: 0, memoryBytes: 100, memoryLimitBytes: gibi, receivedBytes: 2000, sentBytes: 1000 });
  t.equal(sampler.board.latest.get(id), undefined);
  world.cpuNanos = 1.5e9;
  world.counters = { ...world.counters, throttledNanos: 2e8, blockReadBytes: 4096, blockWriteBytes: 512, memoryBytes: 200 };
  world.links = { v1: { receivedBytes: 1500, sentBytes: 2100 } };
  t.equal(look(2000, web).isChanged, true);
  t.match(sampler.board.latest.get(id), {
    atMs: 1e12 + 2000,
    cpuPercent: 25,
    throttledPercent: 10,
    memoryBytes: 200,
    receivedBytesPerSecond: 50,
    sentBytesPerSecond: 250,
    readBytesPerSecond: 2048,
    writeBytesPerSecond: 256,
    receivedBytes: 2100,
    sentBytes: 1500,
  });
  t.equal(sampler.board.history(id).length, 1);
});

t.test("one that does nothing is not read, and nothing is told of it", async (t) => {
  const { world, sampler, look } = open();
  const idle = liveContainer("idle");
  look(0, idle);
  t.same(world.done, ["open", "limits", "counters"]);
  look(1000, idle);
  t.same(world.done, [], "its CPU time has not moved");
  const before = sampler.board.latest.get(idle.record.id);
  for (let at = 0; at < 8; at++) {
    t.equal(look(1000, idle).isChanged, false);
    t.same(world.done, []);
  }
  t.equal(sampler.board.latest.get(idle.record.id), before, "the same sample");
  t.equal(sampler.board.history(idle.record.id).length, 9, "its curve goes on");
  world.counters = { ...world.counters, blockWriteBytes: 5000 };
  t.equal(look(1000, idle).isChanged, true, "after ten seconds it is looked at whole: files written back");
  t.equal(sampler.board.latest.get(idle.record.id)?.writeBytesPerSecond, 500);
  world.counters = { ...world.counters, pressure: { cpu: 0, memory: 3, io: 0 } };
  world.cpuNanos = 2e9;
  look(1000, idle);
  look(1000, idle);
  t.same(world.done, ["counters"], "pressure goes down by itself");
});

t.test("what it does after a rest it did since the last look", async (t) => {
  const { world, sampler, look } = open();
  const idle = liveContainer("idle");
  for (const ms of [0, 1000, 1000, 1000]) look(ms, idle);
  world.cpuNanos = 1.1e9;
  world.counters = { ...world.counters, blockReadBytes: 1000 };
  look(1000, idle);
  t.equal(sampler.board.latest.get(idle.record.id)?.readBytesPerSecond, 1000);
});

t.test("two looks in quick succession are one", async (t) => {
  const { world, sampler, look } = open();
  const web = liveContainer("web");
  look(0, web);
  world.cpuNanos = 2e9;
  t.equal(look(20, web).isChanged, false);
  t.same(world.done, []);
  look(480, web);
  t.equal(sampler.board.latest.get(web.record.id)?.cpuPercent, 200);
});

t.test("other limits are seen at once, a new run begins anew", async (t) => {
  const { world, sampler, look } = open();
  const web = liveContainer("web");
  look(0, web);
  world.limits = { memoryBytes: 4096, pids: 9 };
  const updated = { ...web };
  t.equal(look(1000, updated).isChanged, true);
  t.same(world.done, ["limits"], "the record is another one: the same files, limits read");
  t.match(sampler.board.latest.get(web.record.id), { memoryLimitBytes: 4096, pidsLimit: 9 });
  world.cpuNanos = 5;
  const again = liveContainer("web", { pid: 5000, startedMs: 2 });
  look(1000, again);
  t.same(world.done, ["close", "open", "limits", "counters"]);
  world.cpuNanos = 10;
  look(1000, again);
  t.ok((sampler.board.latest.get(web.record.id)?.cpuPercent ?? -1) >= 0);
  t.equal(sampler.board.history(web.record.id).length, 2, "the curve is the container's, not the run's");
});

t.test("groups and processes that have gone are told", async (t) => {
  const { world, sampler, look } = open();
  const web = liveContainer("web");
  look(0, web);
  look(1000, web);
  world.cpuNanos = undefined;
  t.match(look(1000, web), { isChanged: true, gone: [web.record.id] });
  t.same(world.done, ["close"]);
  t.equal(sampler.board.latest.size, 0);
  world.cpuNanos = 1e9;
  world.counters = { ...world.counters, pids: 0 };
  t.same(look(1000, web).gone, [web.record.id], "no process is left in it");
  const ended: ContainerState = { ...web, status: "exited", pid: 0 };
  t.notOk(isLive(ended));
  t.match(look(1000, ended), { gone: [] });
  t.same(world.done, ["close"]);
});

t.test("nobody looked for a while: files are closed, rates begin anew, the curve has a gap", async (t) => {
  const { world, sampler, look } = open();
  const web = liveContainer("web");
  const other = liveContainer("other");
  look(0, web);
  look(1000, web);
  look(16_000, other);
  t.ok(world.done.includes("close"));
  t.equal(sampler.board.latest.get(web.record.id), undefined);
  world.cpuNanos = 9e9;
  t.equal(look(1000, web).isChanged, false);
  look(1000, web);
  t.equal(sampler.board.latest.get(web.record.id)?.cpuPercent, 0);
  t.equal(sampler.board.history(web.record.id).length, 2);
  t.equal(sampler.board.history(web.record.id), sampler.board.history(web.record.id), "the same array until there is a new sample");
  look(700_000, other);
  t.same(sampler.board.history(web.record.id), [], "after ten minutes nothing is left");
});

t.test("hundreds are looked at in slices; each has the rates of its own moments, and the board changes once", async (t) => {
  const { world, sources } = makeWorld();
  const sampler = openUsageSampler(1000, sources);
  const all = Array.from({ length: 500 }, (_, at) => liveContainer(`c${at}`, { hostLinks: ["v1"] }));
  /** Between two slices much else may happen; all containers use half a processor, and receive 100 bytes a second. */
  function pass(ms: number): void {
    world.nowMs += ms;
    world.cpuNanos = world.nowMs * 1e6 * 0.5 + 1;
    world.links = { v1: { receivedBytes: 0, sentBytes: world.nowMs / 10 } };
  }
  const reads: number[] = [];
  function lookAt(pauseMs: number, between: () => void = () => {}) {
    reads.length = 0;
    const steps = sampler.sliced(all, nobody);
    for (;;) {
      world.done.length = 0;
      const step = steps.next();
      reads.push(world.done.filter((done) => done === "counters").length);
      if (step.done) return step.value;
      between();
      pass(pauseMs);
    }
  }
  pass(0);
  const { first, isChanged } = lookAt(3);
  t.same([first.size, isChanged], [500, false]);
  t.same(reads, Array(10).fill(50), "no more than fifty a turn");
  pass(1000);
  const seen = new Set<number>();
  t.equal(lookAt(40, () => seen.add(sampler.board.latest.size)).isChanged, true);
  t.same([...seen], [0], "nothing is told of half a look");
  t.equal(sampler.board.latest.size, 500);
  const uses = all.map(({ record }) => sampler.board.latest.get(record.id));
  t.same([...new Set(uses.map((use) => use?.cpuPercent.toFixed(6)))], ["50.000000"], "whatever time went by between the slices");
  t.same([...new Set(uses.map((use) => use?.receivedBytesPerSecond.toFixed(6)))], ["100.000000"]);
  pass(1000);
  const before = sampler.board.latest.get(all[499]?.record.id ?? "");
  const given = sampler.sliced(all, nobody);
  given.next();
  t.equal(sampler.board.latest.get(all[0]?.record.id ?? ""), uses[0], "a look that is given up is not told");
  t.equal(sampler.board.latest.get(all[499]?.record.id ?? ""), before);
});

t.test("a look at one of them between two slices is the newer one", async (t) => {
  const { world, sources } = makeWorld();
  const sampler = openUsageSampler(1000, sources);
  const all = Array.from({ length: 60 }, (_, at) => liveContainer(`c${at}`));
  const [one] = all;
  if (!one) throw new Error("no containers");
  sampler.sample(all, nobody);
  world.nowMs = 1000;
  const steps = sampler.sliced(all, nobody);
  steps.next();
  world.nowMs = 1500;
  world.cpuNanos = 1.25e9;
  sampler.sample([one], nobody);
  const newer = sampler.board.latest.get(one.record.id);
  t.equal(newer?.cpuPercent, 50);
  t.ok(steps.next().done);
  t.equal(sampler.board.latest.get(one.record.id), newer);
  t.equal(sampler.board.history(one.record.id).length, 1);
  t.equal(sampler.board.latest.size, 60);
});

t.test("of a container without a group no file stays open", async (t) => {
  const { world, look } = open();
  world.cpuNanos = undefined;
  t.match(look(0, liveContainer("web")), { gone: [/.+/] });
  t.same(world.done, ["open", "limits", "close"]);
});
