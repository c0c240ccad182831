// The machine between two looks: shares of each core's time.
import t from "tap";
import { compareCores, meanUse, openHostSampler } from "../../../src/engine/live/host.ts";

const ticks = (user: number, system: number, idle: number, wait = 0, steal = 0) => ({ user, system, idle, wait, steal });

t.test("shares of the time between two looks", async (t) => {
  const before = new Map([[0, ticks(100, 100, 100)]]);
  const now = new Map([
    [0, ticks(150, 120, 110, 10, 10)],
    [1, ticks(5, 5, 5)],
  ]);
  const cores = compareCores(before, now);
  t.same(
    cores,
    [{ core: 0, userPercent: 50, systemPercent: 20, waitPercent: 10, stealPercent: 10 }],
    "a core that was off is not told yet",
  );
  t.equal(meanUse(cores), 80);
  t.equal(meanUse([]), 0);
});

t.test("counters that run backwards, or stand still, are no use", async (t) => {
  const still = new Map([[0, ticks(1, 1, 5, 5)]]);
  t.equal(meanUse(compareCores(still, still)), 0);
  t.equal(compareCores(still, new Map([[0, ticks(1, 1, 4, 15)]]))[0]?.waitPercent, 100);
});

t.test("a sample of this machine", async (t) => {
  const sampler = openHostSampler({ root: "/nonexistent/tsns/root" }, 1000);
  const containers = { running: 1, cpuPercent: 2, memoryBytes: 3, pids: 4 };
  t.same(sampler.sample(containers).cores, [], "nothing to compare with");
  const state = sampler.sample(containers);
  t.same(state.containers, containers);
  t.ok(state.memoryUsedBytes > 0 && state.memoryUsedBytes < state.memoryBytes);
  t.ok(state.uptimeSeconds > 0);
  t.ok((state.disk?.sizeBytes ?? 0) > 0, "the disk a data root would be made on");
  t.equal(state.history.length, state.cores.length > 0 ? 1 : 0);
});
