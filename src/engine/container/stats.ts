// Resource use of running containers, sampled in pairs as docker's stats command does.
import { setTimeout as delay } from "node:timers/promises";
import { shortId } from "../../base/id.ts";
import { computeStats, type UsageState, type UsageStats } from "../../cgroup/usage.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { readUsage } from "../../kernel/cgroup/usage.ts";
import { readNetworkTraffic } from "../../kernel/proc/net-dev.ts";
import { findContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { listContainers } from "./list.ts";
import { type Observation, observeContainer } from "./observe.ts";

export interface StatsSample {
  readonly record: ContainerRecord;
  /** The word the user gave, else the short id. */
  readonly asked: string;
  readonly usage: UsageState;
  readonly stats: UsageStats;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

interface Reading {
  readonly observed: Observation;
  readonly usage: UsageState;
}

function takeReadings(containers: readonly Observation[]): Map<string, Reading> {
  return new Map(containers.map((observed) => [observed.record.id, { observed, usage: readUsage(observed.record.run?.cgroups ?? {}) }]));
}

async function chosen(engine: Engine, references: readonly string[], all: boolean): Promise<Observation[]> {
  if (references.length === 0) return (await listContainers(engine)).filter((state) => all || state.status === "running");
  return references.map((reference) => {
    // docker: of one that does not run all is zero
    return observeContainer(engine, findContainer(engine.store, reference));
  });
}

/** Samples every `intervalMs` until aborted; each item holds all chosen containers that run. */
export async function* sampleStats(
  engine: Engine,
  references: readonly string[],
  options: { readonly all: boolean; readonly intervalMs: number; readonly signal: AbortSignal },
): AsyncGenerator<readonly StatsSample[]> {
  const first = await chosen(engine, references, options.all);
  const asked = new Map(references.map((reference, at) => [first[at]?.record.id ?? "", reference]));
  let previous = takeReadings(first);
  while (!options.signal.aborted) {
    try {
      await delay(options.intervalMs, undefined, { signal: options.signal });
    } catch {
      return;
    }
    const current = takeReadings(
      references.length === 0
        ? await chosen(engine, [], options.all)
        : [...previous.values()].map(({ observed }) => observeContainer(engine, observed.record)),
    );
    yield [...current].map(([id, reading]) => sampleOf(asked.get(id) ?? shortId(id), previous.get(id), reading));
    previous = current;
  }
}

function sampleOf(asked: string, before: Reading | undefined, now: Reading): StatsSample {
  const traffic = now.observed.status === "running" ? readNetworkTraffic(now.observed.pid) : [];
  return {
    record: now.observed.record,
    asked,
    usage: now.usage,
    stats: computeStats(before?.usage ?? now.usage, now.usage),
    receivedBytes: traffic.reduce((sum, link) => sum + link.receivedBytes, 0),
    sentBytes: traffic.reduce((sum, link) => sum + link.sentBytes, 0),
  };
}
