// Ends containers: by the stop signal with a grace period, by SIGKILL, or by any signal sent on.
import { isLive } from "../../container/record.ts";
import { parseSignal } from "../../container/signal.ts";
import { killCgroup } from "../../kernel/cgroup/process.ts";
import { waitUntil } from "../../kernel/cgroup/wait.ts";
import { isRunning, type ProcessIdentity } from "../../kernel/proc/identity.ts";
import { sendSignal } from "../../kernel/proc/signal.ts";
import { waitForEnd } from "../../kernel/sandbox/attach.ts";
import { markStopped, noteSender, readRestartingFile, writeOwnerFile } from "../../kernel/sandbox/state.ts";
import type { Plan, PlannedStep } from "../../plan/plan.ts";
import type { Step } from "../../plan/step.ts";
import { getContainer, noSuchContainer } from "../../store/container-record.ts";
import { readJournal, writeJournal } from "../../store/journal.ts";
import { freeingTransaction } from "../../store/reserve.ts";
import type { Engine } from "../engine.ts";
import { takeLock } from "../lock.ts";
import { findBegun } from "./begun.ts";
import { cleanUp } from "./cleanup.ts";
import { containerDirectory } from "./directory.ts";
import { recordContainerEvent } from "./event.ts";
import { type Observation, observeContainer } from "./observe.ts";
import { thawSteps } from "./pause.ts";
import { notRunning } from "./refusal.ts";
import { repairContainer } from "./repair.ts";

export interface StopRequest {
  readonly signal?: string;
  /** Grace period; -1 waits for ever. */
  readonly timeoutSeconds?: number;
}

/** Stops a container and cleans up after it; one that does not run is left as it is. */
export async function stopContainer(engine: Engine, reference: string, request: StopRequest = {}): Promise<void> {
  const record = findBegun(engine, reference);
  await repairContainer(engine, record.id, { takeOver: true });
  const observed = observeContainer(engine, record);
  if (!isLive(observed)) return;
  const ending = endingOf(observed, request);
  if (engine.show(planEnd(engine, observed, ending.signal, ending.graceSeconds))) return;
  await endContainer(engine, observed, "stop", ending);
  recordContainerEvent(engine, record, "stop");
}

/** How a stop ends a container: what was asked for, else what the container says. Throws invalid for an unknown signal. */
export function endingOf({ record: { spec } }: Observation, { signal, timeoutSeconds }: StopRequest): Ending {
  return { signal: parseSignal(signal ?? spec.stopSignal), graceSeconds: timeoutSeconds ?? spec.stopTimeoutSeconds };
}

/** A signal, and how long its effect is waited for before SIGKILL: below 0 for ever, 0 not at all. */
export interface Ending {
  readonly signal: number;
  readonly graceSeconds: number;
}

/** What ending a container does, for --dry-run and --explain; `graceSeconds` below 0 waits for ever, 0 kills at once. */
export function planEnd(engine: Engine, observed: Observation, signal: number, graceSeconds: number): Plan {
  const { monitor, record, status } = observed;
  // One that waits to be started again has no process: its monitor ends then.
  const target = status === "restarting" ? monitorOf(observed) : initOf(observed);
  const send = (number: number, because: string): PlannedStep => ({ step: { kind: "process.signal", ...target, signal: number }, because });
  const wait = (limitMs: number, because: string): PlannedStep => ({ step: { kind: "process.wait", ...target, limitMs }, because });
  const grace = status === "restarting" ? -1 : graceSeconds;
  const undo = readJournal(engine.store, record.id) ?? [];
  return {
    steps: [
      ...(status === "restarting" && monitor ? [send(sigterm, "its monitor, which would start it again, ends")] : []),
      ...(status === "restarting" || grace === 0 ? [] : [send(signal, `asks process 1 of ${record.name} to end`)]),
      ...(grace === 0 ? [] : thawSteps(record, observed.paused)),
      ...(grace > 0 ? [wait(grace * 1000, "it may take its time")] : []),
      ...(grace < 0 ? [] : [send(sigkill, grace === 0 ? `ends ${record.name}` : `if it still runs after ${grace} s`)]),
      ...(grace === 0 ? thawSteps(record, observed.paused) : []),
      wait(drainMs, "what was made for it can go when it has ended"),
      ...undo.map((step): PlannedStep => ({ step, because: "made for the container and outlives it" })),
    ],
  };
}

const isNoTree = (step: Step): boolean => step.kind !== "tree.remove";

const sigterm = 15;
const sigkill = 9;

/**
 * Sends the signal, waits, then kills. Holds the container's lock and becomes its owner, so that the monitor leaves the clean-up to this
 * process; says to the monitor that no restart policy applies. `word`: the command, as the record of who sent a signal has it. `keep`: it
 * stays, even if it was to be removed at its end. Throws not-found for one that was removed meanwhile.
 */
export async function endContainer(
  engine: Engine,
  { record }: Observation,
  word: string,
  { signal, graceSeconds }: Ending,
  { keep = false }: { readonly keep?: boolean } = {},
): Promise<void> {
  const directory = containerDirectory(engine.root, record.id).path;
  // Another command may have ended it, or removed it, since it was looked at.
  const now = freeingTransaction(engine.store, engine.root, () => {
    const found = getContainer(engine.store, record.id);
    if (!found) throw noSuchContainer(record.name);
    takeLock(engine, record.id, word, `container ${record.name}`);
    const undo = keep ? (readJournal(engine.store, record.id) ?? []) : [];
    if (undo.length > 0) writeJournal(engine.store, record.id, undo.filter(isNoTree));
    return found;
  });
  const observed = observeContainer(engine, now);
  if (!isLive(observed)) return void (await cleanUp(engine, record.id));
  writeOwnerFile(directory, engine.self.pid, engine.self.startTime);
  markStopped(directory);
  if (observed.status === "restarting") endWaiting(observed, directory);
  else if (graceSeconds === 0) await kill(engine, observed, word);
  else if (!(await endsBy(engine, observed, word, signal, graceSeconds))) await kill(engine, { ...observed, paused: false }, word);
  await cleanUp(engine, record.id);
}

/**
 * A monitor that waits to start the container again: nothing else of it lives. It takes the announcement of that run away, which a moment later
 * would be the one of a run that has begun since.
 */
function endWaiting(observed: Observation, directory: string): void {
  const monitor = monitorOf(observed);
  signalProcess(monitor, sigterm);
  if (!waitUntil(() => !readRestartingFile(directory) || !isRunning(monitor), drainMs)) killMonitor(observed);
}

/** Whether it has ended by the signal in time. */
async function endsBy(engine: Engine, observed: Observation, word: string, signal: number, graceSeconds: number): Promise<boolean> {
  const directory = containerDirectory(engine.root, observed.record.id).path;
  const ended = waitForEnd(directory, graceSeconds < 0 ? undefined : graceSeconds * 1000);
  await signalContainer(engine, observed, word, signal);
  return (await ended) !== "timeout";
}

/** Sends one signal to process 1 and tells of it; one that stands still goes on, as it would not notice. */
async function signalContainer(engine: Engine, observed: Observation, word: string, signal: number): Promise<void> {
  const { record, paused } = observed;
  noteSender(containerDirectory(engine.root, record.id).path, {
    signal,
    pid: engine.self.pid,
    uid: process.getuid?.() ?? 0,
    word,
    atMs: Date.now(),
  });
  // Ahead of the signal: the monitor tells of the end by itself, and as with docker nobody hears of the end first.
  recordContainerEvent(engine, record, "kill", { signal: `${signal}` });
  signalProcess(initOf(observed), signal);
  const steps = thawSteps(record, paused);
  if (steps.length === 0) return;
  await engine.apply({ steps });
  recordContainerEvent(engine, record, "unpause");
}

/** How long a monitor may take to pass on the last output of a container that was killed, to clients that may not read it. */
const drainMs = 10_000;

async function kill(engine: Engine, observed: Observation, word: string): Promise<void> {
  const ended = waitForEnd(containerDirectory(engine.root, observed.record.id).path, drainMs);
  await signalContainer(engine, observed, word, sigkill);
  // In the host's pid namespace nothing dies with process 1.
  if (observed.record.spec.pid.mode !== "private") killCgroup(observed.record.run?.cgroups ?? {});
  if ((await ended) === "timeout") killMonitor(observed);
}

function killMonitor(observed: Observation): void {
  const monitor = monitorOf(observed);
  if (monitor.pid === 0) return;
  signalProcess(monitor, sigkill);
  waitUntil(() => !isRunning(monitor), drainMs);
}

const initOf = ({ pid, monitor }: Observation): ProcessIdentity => ({ pid, startTime: monitor?.initStart ?? 0 });
const monitorOf = ({ monitor }: Observation): ProcessIdentity => ({
  pid: monitor?.monitorPid ?? 0,
  startTime: monitor?.monitorStart ?? 0,
});

/** Not to another process that has the number by now: the lock may have been waited for. */
function signalProcess(target: ProcessIdentity, signal: number): void {
  if (isRunning(target)) sendSignal(target.pid, signal);
}

/**
 * docker kill: sends one signal to process 1; SIGKILL waits for the end. Only SIGKILL and the container's own stop signal are meant to end
 * it, so that no restart policy applies and a paused one goes on. Throws invalid, conflict when it does not run.
 */
export async function killContainer(engine: Engine, reference: string, signalText: string): Promise<void> {
  const signal = parseSignal(signalText);
  const record = findBegun(engine, reference);
  await repairContainer(engine, record.id, { takeOver: true });
  const observed = observeContainer(engine, record);
  if (!isLive(observed)) throw notRunning(record);
  const isEnd = signal === sigkill || signal === parseSignal(record.spec.stopSignal);
  // docker: no process is there to take another signal, and the wait goes on
  if (observed.status === "restarting" && !isEnd) return;
  if (signal === sigkill || observed.status === "restarting") {
    if (engine.show(planEnd(engine, observed, signal, 0))) return;
    await endContainer(engine, observed, "kill", { signal, graceSeconds: 0 });
    // No process was there to be signalled: who waits for its end is told all the same.
    if (observed.status === "restarting") recordContainerEvent(engine, record, "kill", { signal: `${signal}` });
    return;
  }
  const thaw = thawSteps(record, isEnd && observed.paused);
  const because = `to process 1 of ${record.name}`;
  if (engine.show({ steps: [{ step: { kind: "process.signal", ...initOf(observed), signal }, because }, ...thaw] })) return;
  if (isEnd) markStopped(containerDirectory(engine.root, record.id).path);
  await signalContainer(engine, isEnd ? observed : { ...observed, paused: false }, "kill", signal);
}
