// Resource use of containers again and again, as docker's stats command shows it. The figures are those of the dashboard.
import { setTimeout as delay } from "node:timers/promises";
import { shortId } from "../../base/id.ts";
import { type ContainerState, isLive } from "../../container/record.ts";
import { readMemoryTotal } from "../../kernel/proc/host.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { openContainerWatch } from "../live/container.ts";
import { openUsageSampler, type UsageNow } from "../live/usage.ts";

export interface StatsSample {
  readonly state: ContainerState;
  /** The word the user gave, else the short id. */
  readonly asked: string;
  /** docker: of one that does not run all is zero. */
  readonly usage: UsageNow;
}

export interface StatsRequest {
  readonly all: boolean;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

/** Samples every `intervalMs` until aborted; each item holds all chosen containers. Throws not-found for one that is not there at first. */
export async function* sampleStats(
  engine: Engine,
  references: readonly string[],
  { all, intervalMs, signal }: StatsRequest,
): AsyncGenerator<readonly StatsSample[]> {
  const asked = new Map(references.map((reference) => [findContainer(engine.store, reference).id, reference]));
  using watch = openContainerWatch(engine);
  using sampler = openUsageSampler(intervalMs);
  const nothing = noUse();
  const look = async () => {
    const containers = await watch.read();
    const chosen = asked.size > 0 ? inOrder(containers, asked) : containers.filter((state) => all || state.status === "running");
    const find = (reference: string) => containers.find(({ record }) => record.name === reference || record.id.startsWith(reference));
    const { first } = sampler.sample(chosen, find);
    return { chosen, first };
  };
  await look();
  while (!signal.aborted) {
    try {
      await delay(intervalMs, undefined, { signal });
    } catch {
      return;
    }
    const { chosen, first } = await look();
    yield chosen.map((state) => {
      const { id } = state.record;
      const usage = isLive(state) ? (sampler.board.latest.get(id) ?? first.get(id)) : undefined;
      return { state, asked: asked.get(id) ?? shortId(id), usage: usage ?? nothing };
    });
  }
}

/** As they were asked for; one that was removed meanwhile is no longer among them. */
function inOrder(containers: readonly ContainerState[], asked: ReadonlyMap<string, string>): readonly ContainerState[] {
  const byId = new Map(containers.map((state) => [state.record.id, state]));
  return [...asked.keys()].flatMap((id) => byId.get(id) ?? []);
}

/** The host's memory is the limit of what has none. */
function noUse(): UsageNow {
  return {
    atMs: 0,
    cpuPercent: 0,
    throttledPercent: 0,
    memoryBytes: 0,
    memoryLimitBytes: readMemoryTotal(),
    receivedBytesPerSecond: 0,
    sentBytesPerSecond: 0,
    readBytesPerSecond: 0,
    writeBytesPerSecond: 0,
    pids: 0,
    pidsLimit: 0,
    receivedBytes: 0,
    sentBytes: 0,
    blockReadBytes: 0,
    blockWriteBytes: 0,
    oomKills: 0,
  };
}
