// Ends containers: by the stop signal with a grace period, by SIGKILL, or by any signal sent on.
import { isErrno, TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { parseSignal } from "../../container/signal.ts";
import { killCgroup } from "../../kernel/cgroup/process.ts";
import { waitUntil } from "../../kernel/cgroup/wait.ts";
import { isRunning, type ProcessIdentity } from "../../kernel/proc/identity.ts";
import { waitForEnd } from "../../kernel/sandbox/attach.ts";
import { writeOwnerFile } from "../../kernel/sandbox/state.ts";
import type { Plan, PlannedStep } from "../../plan/plan.ts";
import { findContainer } from "../../store/container-record.ts";
import { readJournal } from "../../store/journal.ts";
import { freeingTransaction } from "../../store/reserve.ts";
import type { Engine } from "../engine.ts";
import { takeLock } from "../lock.ts";
import { cleanUp } from "./cleanup.ts";
import { containerDirectory } from "./directory.ts";
import { type Observation, observeContainer } from "./observe.ts";
import { repairContainer } from "./repair.ts";

export interface StopRequest {
  readonly signal?: string;
  /** Grace period; -1 waits for ever. */
  readonly timeoutSeconds?: number;
}

/** Stops a container and cleans up after it; one that does not run is left as it is. Returns false after a dry run. */
export async function stopContainer(engine: Engine, reference: string, request: StopRequest = {}): Promise<void> {
  const record = findContainer(engine.store, reference);
  await repairContainer(engine, record.id, { takeOver: true });
  const observed = observeContainer(engine, record);
  if (observed.status !== "running") return;
  const timeout = request.timeoutSeconds ?? record.spec.stopTimeoutSeconds;
  const signal = parseSignal(request.signal ?? record.spec.stopSignal);
  if (engine.show(planEnd(engine, observed, signal, timeout))) return;
  await endContainer(engine, observed, "stop", signal, timeout < 0 ? undefined : timeout * 1000);
}

/** What ending a container does, for --dry-run and --explain; `graceSeconds` -1 waits for ever, 0 kills at once. */
export function planEnd(engine: Engine, observed: Observation, signal: number, graceSeconds: number): Plan {
  const { monitor, record, pid } = observed;
  const send = (number: number, because: string): PlannedStep => ({
    step: { kind: "process.signal", pid, startTime: monitor?.initStart ?? 0, signal: number },
    because,
  });
  const wait = (limitMs: number, because: string): PlannedStep => ({
    step: { kind: "process.wait", pid, startTime: monitor?.initStart ?? 0, limitMs },
    because,
  });
  const undo = readJournal(engine.store, record.id) ?? [];
  return {
    steps: [
      ...(graceSeconds === 0 ? [] : [send(signal, `asks process 1 of ${record.name} to end`)]),
      ...(graceSeconds > 0 ? [wait(graceSeconds * 1000, "it may take its time")] : []),
      ...(graceSeconds < 0 ? [] : [send(9, graceSeconds === 0 ? `ends ${record.name}` : `if it still runs after ${graceSeconds} s`)]),
      wait(drainMs, "what was made for it can go when it has ended"),
      ...undo.map((step): PlannedStep => ({ step, because: "made for the container and outlives it" })),
    ],
  };
}

/**
 * Sends `signal`, waits `graceMs` (undefined: for ever), then kills. Holds the container's lock and becomes its owner, so that
 * the monitor leaves the clean-up to this process.
 */
export async function endContainer(
  engine: Engine,
  observed: Observation,
  operation: string,
  signal: number,
  graceMs: number | undefined,
): Promise<void> {
  const { record } = observed;
  const directory = containerDirectory(engine.root, record.id).path;
  freeingTransaction(engine.store, engine.root, () => takeLock(engine, record.id, operation, `container ${record.name}`));
  writeOwnerFile(directory, engine.self.pid, engine.self.startTime);
  const ended = waitForEnd(directory, graceMs === undefined ? undefined : graceMs);
  if (graceMs !== 0) sendSignal(initOf(observed), signal);
  const first = graceMs === 0 ? "timeout" : await ended;
  if (first === "timeout") await kill(observed, directory);
  await cleanUp(engine, record.id);
}

/** How long a monitor may take to pass on the last output of a container that was killed, to clients that may not read it. */
const drainMs = 10_000;

async function kill(observed: Observation, directory: string): Promise<void> {
  const ended = waitForEnd(directory, drainMs);
  sendSignal(initOf(observed), 9);
  // In the host's pid namespace nothing dies with process 1.
  if (observed.record.spec.pid.mode !== "private") killCgroup(observed.record.run?.cgroups ?? {});
  if ((await ended) !== "timeout" || !observed.monitor) return;
  const monitor = { pid: observed.monitor.monitorPid, startTime: observed.monitor.monitorStart };
  sendSignal(monitor, 9);
  waitUntil(() => !isRunning(monitor), drainMs);
}

const initOf = ({ pid, monitor }: Observation): ProcessIdentity => ({ pid, startTime: monitor?.initStart ?? 0 });

/** Not to another process that has the number by now: the lock may have been waited for. */
function sendSignal(target: ProcessIdentity, signal: number): void {
  if (!isRunning(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch (error) {
    if (!isErrno(error, "ESRCH")) throw error;
  }
}

/** docker kill: sends one signal to process 1; SIGKILL waits for the end. Throws conflict when it does not run. */
export async function killContainer(engine: Engine, reference: string, signalText: string): Promise<void> {
  const signal = parseSignal(signalText);
  const record = findContainer(engine.store, reference);
  await repairContainer(engine, record.id, { takeOver: true });
  const observed = observeContainer(engine, record);
  if (observed.status !== "running") throw notRunning(record);
  if (signal === 9) {
    if (!engine.show(planEnd(engine, observed, 9, 0))) await endContainer(engine, observed, "kill", 9, 0);
    return;
  }
  const [planned] = planEnd(engine, observed, signal, -1).steps;
  const plan = { steps: planned ? [planned] : [] };
  if (!engine.show(plan)) await engine.apply(plan);
}

export function notRunning(record: ContainerRecord): TsnsError {
  return new TsnsError("conflict", "container-not-running", `container ${record.name} is not running`, {
    hint: `start it with tsns start ${record.name}`,
  });
}

/** Blocks until the container does not run; returns its exit code. */
export async function waitContainer(engine: Engine, reference: string): Promise<number> {
  const record = findContainer(engine.store, reference);
  const observed = observeContainer(engine, record);
  if (observed.status === "running") {
    const end = await waitForEnd(containerDirectory(engine.root, record.id).path);
    if (end && end !== "timeout") return end.signal ? 128 + end.signal : end.code;
  }
  return observeContainer(engine, findContainer(engine.store, record.id)).record.exit?.exitCode ?? 0;
}
