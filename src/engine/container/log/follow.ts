// Waits for what a container goes on to write: until it ends for good, a moment has passed or the reader leaves.
import { watch } from "node:fs";
import type { ContainerRecord } from "../../../container/record.ts";
import { isRunning } from "../../../kernel/proc/identity.ts";
import { waitForEnd } from "../../../kernel/sandbox/attach.ts";
import { getContainer } from "../../../store/container-record.ts";
import { type Holder, readHolder } from "../../../store/operation-lock.ts";
import type { Engine } from "../../engine.ts";
import { containerDirectory } from "../directory.ts";
import { observeContainer } from "../observe.ts";

export interface FollowRequest {
  readonly untilMs?: number;
  readonly signal: AbortSignal;
}

/** setTimeout takes no more. */
const longestTimerMs = 2 ** 31 - 1;
/** Between two runs nothing but the directory tells of the next; a look now and then does no harm. */
const lookMs = 250;

/** Calls `drain` whenever there may be more, and once after the end. Goes on with the next run of a container that is started again. */
export async function followLog(
  engine: Engine,
  record: ContainerRecord,
  { signal, untilMs }: FollowRequest,
  drain: () => void,
): Promise<void> {
  const directory = containerDirectory(engine.root, record.id).path;
  const stop = new AbortController();
  const { promise: stopped, resolve: leave, reject: fail } = Promise.withResolvers<"stop">();
  let changed = () => {};
  const watcher = watch(directory, { signal: stop.signal }, () => {
    changed();
    try {
      drain();
    } catch (error) {
      fail(error);
    }
  });
  // A directory that goes is a container that was removed.
  watcher.on("error", () => {});
  signal.addEventListener("abort", () => leave("stop"), { once: true });
  // What is written after --until is not wanted: there is nothing to wait for from then on.
  const timer =
    untilMs === undefined ? undefined : setTimeout(() => leave("stop"), Math.min(Math.max(0, untilMs - Date.now()), longestTimerMs));
  const change = () =>
    new Promise<"change">((done) => {
      const look = setTimeout(() => done("change"), lookMs);
      changed = () => {
        clearTimeout(look);
        done("change");
      };
    });
  try {
    drain();
    const stateOf = watchState(engine, record.id);
    for (let next = stateOf(); next !== "over"; next = stateOf()) {
      // A monitor that cannot be asked just now is looked for again.
      const ended = next === "running" ? waitForEnd(directory).then((end): unknown => end ?? change()) : change();
      if ((await Promise.race([ended, stopped])) === "stop") break;
      drain();
    }
    drain();
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
}

/**
 * `between`: it has ended and is about to be started again, by itself or by a `restart`, which gives its lock back between the two halves: it is
 * waited for as a process.
 */
function watchState(engine: Engine, id: string): () => "running" | "between" | "over" {
  let restarter: Holder | undefined;
  return () => {
    const record = getContainer(engine.store, id);
    if (!record) return "over";
    // Whoever it is must be looked at before the container: it may have started it meanwhile.
    const holder = readHolder(engine.store, id);
    if (holder?.name === "restart") restarter = holder;
    const isRestarting = restarter !== undefined && isRunning(restarter);
    const { status } = observeContainer(engine, record);
    if (status === "running") return "running";
    return status === "restarting" || isRestarting ? "between" : "over";
  };
}
