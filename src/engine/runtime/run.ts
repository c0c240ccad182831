// `run`: create and start in one, and with somebody who waits the end too. Detached it is those two; otherwise this process stays for the native
// creator, which relays, and takes the container down when that ends.
import { TsnsError } from "../../base/error.ts";
import { attendProcess, createProcess } from "../../kernel/sandbox/creator.ts";
import type { NotifyRelay } from "../../kernel/sandbox/notify.ts";
import { type CreateRequest, prepareContainer, settle, undoing } from "./create.ts";
import { deleteRuntime } from "./delete.ts";
import { type HeldSignals, holdSignals } from "./pass-signal.ts";
import type { Runtime } from "./runtime.ts";
import { startRuntime } from "./start.ts";

export interface RunRequest extends CreateRequest {
  readonly detach: boolean;
  /** It stays, stopped, until somebody deletes it. */
  readonly keep: boolean;
}

/** The exit status of the process, 128+signal; 0 when it has been started, detached. Throws TsnsError; then nothing is left of it. */
export async function runRuntimeContainer(runtime: Runtime, id: string, request: RunRequest): Promise<number> {
  if (request.detach) return await runDetached(runtime, id, request);
  const signals = holdSignals();
  try {
    return await runAttended(runtime, id, request, signals);
  } catch (error) {
    const status = signals.status();
    if (status !== undefined && error instanceof TsnsError && ofSignals.includes(error.code)) return status;
    throw error;
  } finally {
    signals.stop();
  }
}

/** What a signal makes of a container that does not run yet: it is not begun, its creator or its first process ends. */
const ofSignals: readonly string[] = ["signal", "creator-died", "stopped"];

async function runDetached(runtime: Runtime, id: string, request: RunRequest): Promise<0> {
  const prepared = await prepareContainer(runtime, id, request, true);
  const { record, planPath, kept } = prepared;
  await undoing(runtime, record, () => settle(runtime, prepared, createProcess(planPath, kept, record.bundle), request));
  try {
    await startRuntime(runtime, id);
  } catch (error) {
    await deleteRuntime(runtime, id, { force: true });
    throw error;
  }
  return 0;
}

async function runAttended(runtime: Runtime, id: string, request: RunRequest, signals: HeldSignals): Promise<number> {
  const prepared = await prepareContainer(runtime, id, request, false);
  const { record, planPath, kept } = prepared;
  const exited = await undoing(runtime, record, async () => {
    await signals.refuse();
    const attended = attendProcess(planPath, kept, record.bundle);
    signals.passTo(attended.child);
    await settle(runtime, prepared, await attended.report, request);
    return () => attended.exited;
  });
  // One that could not be started is not kept.
  let stays = false;
  let relay: NotifyRelay | undefined;
  try {
    relay = await startRuntime(runtime, id, true);
    stays = request.keep;
    return await exited();
  } finally {
    if (!stays) await deleteEnded(runtime, id);
    // What is handed on in the name of this process is not believed when it has gone.
    await relay?.settled();
  }
}

/** Its status, or why it did not start, says more than that it could not be taken away. */
async function deleteEnded(runtime: Runtime, id: string): Promise<void> {
  try {
    await deleteRuntime(runtime, id, { force: true });
  } catch (error) {
    runtime.warn(`container ${id} has not been deleted: ${error instanceof Error ? error.message : error}; delete it`);
  }
}
