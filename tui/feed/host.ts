// The machine, sampled once an interval, with what its containers use.
import { isLive } from "../../src/container/record.ts";
import { listContainers } from "../../src/engine/container/list.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { openHostSampler } from "../../src/engine/live/host.ts";
import { openUsageSampler } from "../../src/engine/live/usage.ts";
import type { FeedMakers } from "./feed.ts";

/** What a moment needs, for rates to be told soon after the start. */
const firstMs = 250;

export function hostFeed(intervalMs: number): FeedMakers["host"] {
  return ({ engine, emit, fail }) => {
    const host = openHostSampler(engine);
    const usage = openUsageSampler(engine);
    const take = () =>
      void runningIds(engine)
        .then((ids) => {
          usage.sample(ids);
          const samples = ids.flatMap((id) => usage.board.latest.get(id) ?? []);
          const sum = (value: (sample: (typeof samples)[number]) => number) => samples.reduce((total, sample) => total + value(sample), 0);
          emit(
            host.sample({
              running: ids.length,
              cpuPercent: sum(({ cpuPercent }) => cpuPercent),
              memoryBytes: sum(({ memoryBytes }) => memoryBytes),
              pids: sum(({ pids }) => pids),
            }),
          );
        })
        .catch(fail);
    take();
    const first = setTimeout(take, firstMs);
    const timer = setInterval(take, intervalMs);
    return {
      want() {},
      [Symbol.dispose]() {
        clearTimeout(first);
        clearInterval(timer);
      },
    };
  };
}

const runningIds = async (engine: Engine): Promise<readonly string[]> =>
  (await listContainers(engine)).filter(isLive).map(({ record }) => record.id);
