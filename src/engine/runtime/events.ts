// `events`: what a container's groups count, now and again until it stops, and when the kernel ends a process of it for want of memory.
import { setTimeout as after } from "node:timers/promises";
import { TsnsError } from "../../base/error.ts";
import { readCgroupFile } from "../../kernel/cgroup/file.ts";
import { groupStats, oomKills, type ReadGroupFile } from "../../runtime/group/stats.ts";
import type { RuntimeRecord } from "../../runtime/record.ts";
import { observeRuntime } from "./observe.ts";
import type { Runtime } from "./runtime.ts";

export interface RuntimeEvent {
  readonly type: "stats" | "oom";
  readonly id: string;
  readonly data?: object;
}

const readerOf =
  ({ groups }: RuntimeRecord): ReadGroupFile =>
  (controller, file) => {
    const directory = groups.unified ?? groups[controller];
    return directory === undefined ? undefined : readCgroupFile(`${directory}/${file}`);
  };

const isUnified = ({ groups }: RuntimeRecord): boolean => groups.unified !== undefined;

/** The counters now. Throws conflict for one that has stopped. */
export async function readRuntimeStats(runtime: Runtime, id: string): Promise<RuntimeEvent> {
  const { record, status } = await observeRuntime(runtime, id);
  if (status === "stopped" || status === "creating")
    throw new TsnsError("conflict", "not-running", `container with id ${id} is not running: ${status}`);
  return { type: "stats", id, data: groupStats(readerOf(record), isUnified(record)) };
}

/** v1 tells nobody: the count of ends is looked at so often. */
const lookMs = 500;

/** Tells until the container has stopped or `signal` says so. Throws conflict for one that has stopped already. */
export async function followRuntime(
  runtime: Runtime,
  id: string,
  intervalMs: number,
  signal: AbortSignal,
  tell: (event: RuntimeEvent) => void,
): Promise<void> {
  const { record } = await observeRuntime(runtime, id);
  const countKills = () => oomKills(readerOf(record), isUnified(record));
  // Before anything is told: whoever has heard the first figures hears of every end that comes after them.
  let kills = countKills();
  tell(await readRuntimeStats(runtime, id));
  for (let dueMs = performance.now() + intervalMs; ; ) {
    await pause(Math.max(0, Math.min(lookMs, dueMs - performance.now())), signal);
    // Asked before the count: what the container has ended with is counted by then.
    const isOver = await hasStopped(runtime, id);
    for (const now = countKills(); kills < now; kills++) tell({ type: "oom", id });
    if (isOver) return;
    if (performance.now() < dueMs) continue;
    dueMs += intervalMs;
    tell({ type: "stats", id, data: groupStats(readerOf(record), isUnified(record)) });
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await after(ms, undefined, { signal });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  }
}

async function hasStopped(runtime: Runtime, id: string): Promise<boolean> {
  try {
    return (await observeRuntime(runtime, id)).status === "stopped";
  } catch (error) {
    if (error instanceof TsnsError && error.code === "no-such-container") return true;
    throw error;
  }
}
