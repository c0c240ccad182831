// `run`: create and start in one, and with somebody who waits the end too. Detached it is those two; otherwise this process stays for the native
// creator, which relays, and takes the container down when that ends.
import { attendProcess, createProcess } from "../../kernel/sandbox/creator.ts";
import { type CreateRequest, prepareContainer, settle, undoing } from "./create.ts";
import { deleteRuntime } from "./delete.ts";
import { passSignals } from "./pass-signal.ts";
import type { Runtime } from "./runtime.ts";
import { startRuntime } from "./start.ts";

export interface RunRequest extends CreateRequest {
  readonly detach: boolean;
  /** It stays, stopped, until somebody deletes it. */
  readonly keep: boolean;
}

/** The exit status of the process, 128+signal; 0 when it has been started, detached. Throws TsnsError; then nothing is left of it. */
export async function runRuntimeContainer(runtime: Runtime, id: string, request: RunRequest): Promise<number> {
  const prepared = await prepareContainer(runtime, id, request, request.detach);
  const { record, planPath, kept } = prepared;
  if (request.detach) {
    await undoing(runtime, record, () => settle(runtime, prepared, createProcess(planPath, kept, record.bundle), request));
    await startOrDelete(runtime, id, false);
    return 0;
  }
  const attended = attendProcess(planPath, kept, record.bundle);
  const stop = passSignals(attended.child);
  try {
    await undoing(runtime, record, async () => settle(runtime, prepared, await attended.report, request));
    await startOrDelete(runtime, id, true);
    return await attended.exited;
  } finally {
    stop();
    if (!request.keep) await deleteRuntime(runtime, id, { force: true });
  }
}

/** A container that could not be started is not kept. */
async function startOrDelete(runtime: Runtime, id: string, stays: boolean): Promise<void> {
  try {
    await startRuntime(runtime, id, stays);
  } catch (error) {
    await deleteRuntime(runtime, id, { force: true });
    throw error;
  }
}
