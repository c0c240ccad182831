// `delete`: takes away all that `create` has made. What is done for an ordinary container that has stopped native/oci-delete.c does as well.
import { TsnsError } from "../../base/error.ts";
import { clearCgroup } from "../../kernel/cgroup/clear.ts";
import { killCgroup } from "../../kernel/cgroup/process.ts";
import { waitUntil } from "../../kernel/cgroup/wait.ts";
import { isRunning } from "../../kernel/proc/identity.ts";
import { sendSignal } from "../../kernel/proc/signal.ts";
import { stopUnit } from "../../kernel/systemd/unit.ts";
import type { RuntimeRecord } from "../../runtime/record.ts";
import { removeRuntime, sweepRuntimes } from "../../store/runtime-record.ts";
import { runHooks } from "./hook.ts";
import { removeHostMounts } from "./host-mount.ts";
import { type ObservedRuntime, observeRuntime, renderState } from "./observe.ts";
import { journalled, journalledUnits, ownGroups } from "./own-group.ts";
import { checkRuntimeId, type Runtime, whileHeld } from "./runtime.ts";

const sigkill = 9;

/** Throws conflict for one that runs, unless `force` ends it; not-found, unless `force` is content with that. */
export async function deleteRuntime(runtime: Runtime, id: string, { force }: { readonly force: boolean }): Promise<void> {
  checkRuntimeId(id);
  // Before who makes it is waited for: a hook of create waits for this.
  if (!force) refuseUnlessStopped(await observeRuntime(runtime, id));
  try {
    await whileHeld(runtime, id, () => deleteHeld(runtime, id, force));
  } catch (error) {
    if (!(force && error instanceof TsnsError && error.code === "no-such-container")) throw error;
  }
  sweepRuntimes(runtime.root, isRunning);
}

async function deleteHeld(runtime: Runtime, id: string, force: boolean): Promise<void> {
  const observed = await observeRuntime(runtime, id);
  if (!force) refuseUnlessStopped(observed);
  endAll(runtime, observed);
  takeDown(runtime, observed.record, true);
}

function refuseUnlessStopped({ record: { id }, status }: ObservedRuntime): void {
  if (status === "stopped") return;
  throw new TsnsError("conflict", "not-stopped", `cannot delete container ${id} that is not stopped: ${status}`, {
    hint: "kill it first, or delete --force",
  });
}

/** Removes what was made for one whose processes have been ended; then its last hooks run. */
export function takeDown(runtime: Runtime, record: RuntimeRecord, withHooks: boolean): void {
  removeHostMounts(runtime, record);
  removeGroups(runtime, record.id);
  const state = renderState(runtime, { record, status: "stopped" });
  removeRuntime(runtime.root, record.id, runtime.self);
  if (withHooks) runHooks(runtime, "poststop", record, state);
}

const endLimitMs = 10_000;

/** Its first process, and what is left of others where they have no process 1 that takes them along. */
function endAll(runtime: Runtime, { record, process }: ObservedRuntime): void {
  if (process) sendSignal(process.pid, sigkill);
  killCgroup(ownGroups(runtime, record));
  if (process && !waitUntil(() => !isRunning(process), endLimitMs))
    throw new TsnsError("unavailable", "not-ended", `container ${record.id}: process ${process.pid} does not end`, {
      hint: "it is in an uninterruptible wait; delete it again when that is over",
    });
}

/** The journal, as it was written before the groups were made. */
function removeGroups(runtime: Runtime, id: string): void {
  for (const path of journalled(runtime, id)) {
    runtime.debug?.(`group ${path} goes`);
    clearCgroup(path);
  }
  // Nobody is in it any more: systemd waits for nobody to end.
  for (const unit of journalledUnits(runtime, id)) {
    runtime.debug?.(`unit ${unit.name} of systemd (${unit.instance}) goes`);
    stopUnit(unit);
  }
}
