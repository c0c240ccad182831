// `delete`: takes away all that `create` has made. What is done for an ordinary container that has stopped native/oci-delete.c does as well.
import { TsnsError } from "../../base/error.ts";
import { clearCgroup } from "../../kernel/cgroup/clear.ts";
import { killCgroup, thawIfThere } from "../../kernel/cgroup/process.ts";
import { isRunning } from "../../kernel/proc/identity.ts";
import { sendSignal } from "../../kernel/proc/signal.ts";
import { stopUnit } from "../../kernel/systemd/unit.ts";
import type { RuntimeRecord } from "../../runtime/record.ts";
import { removeRuntime, sweepRuntimes } from "../../store/runtime-record.ts";
import { isNoDirectory } from "../../store/unreadable-runtime.ts";
import { awaitEnd } from "./ended.ts";
import { runHooks } from "./hook.ts";
import { hasHostMounts, removeHostMounts } from "./host-mount.ts";
import { type ObservedRuntime, observeRuntime, renderState } from "./observe.ts";
import { journalled, journalledUnits, ownGroups } from "./own-group.ts";
import { checkRuntimeId, type Runtime, whileHeld } from "./runtime.ts";
import { endUnreadable, isUnreadable } from "./unreadable.ts";

const sigkill = 9;

/** The first process of one whose `create` was killed is written down nowhere, and goes as soon as it notices. */
const cutOffMs = 10_000;

/** Throws conflict for one that runs, unless `force` ends it; not-found, unless `force` is content with that. */
export async function deleteRuntime(runtime: Runtime, id: string, { force }: { readonly force: boolean }): Promise<void> {
  checkRuntimeId(id);
  // Before who makes it is waited for: a hook of create waits for this.
  if (!force) refuseUnlessStopped(await observeRuntime(runtime, id));
  else if (isNoDirectory(runtime.root, id)) removeRuntime(runtime.root, id, runtime.self);
  try {
    await whileHeld(runtime, id, () => deleteHeld(runtime, id, force));
  } catch (error) {
    if (!(force && error instanceof TsnsError && error.code === "no-such-container")) throw error;
  }
  sweepRuntimes(runtime.root, isRunning);
}

async function deleteHeld(runtime: Runtime, id: string, force: boolean): Promise<void> {
  if (force && isUnreadable(runtime, id)) return takeAway(runtime, id);
  const observed = await observeRuntime(runtime, id);
  if (!force) refuseUnlessStopped(observed);
  endAll(runtime, observed);
  takeDown(runtime, observed.record, { withHooks: true, ends: observed.record.sharesPids === true });
}

/** One that cannot be read: its groups are those that the journal names, and whoever is in them is taken for its. No hook of it is known. */
function takeAway(runtime: Runtime, id: string): void {
  endUnreadable(runtime, id);
  if (hasHostMounts(runtime, id))
    runtime.warn(
      `container ${id}: what it has mounted on the host stays, as its record does not say where; findmnt shows it, umount takes it away`,
    );
  removeGroups(runtime, id, true);
  removeRuntime(runtime.root, id, runtime.self);
}

function refuseUnlessStopped({ record: { id }, status }: ObservedRuntime): void {
  if (status === "stopped") return;
  throw new TsnsError("conflict", "not-stopped", `cannot delete container ${id} that is not stopped: ${status}`, {
    hint: "kill it first, or delete --force",
  });
}

/** Removes what was made for one whose processes have been ended; then its last hooks run. `ends`: whoever is left in its groups is its own. */
export function takeDown(
  runtime: Runtime,
  record: RuntimeRecord,
  { withHooks, ends }: { readonly withHooks: boolean; readonly ends: boolean },
): void {
  removeHostMounts(runtime, record);
  removeGroups(runtime, record.id, ends, record.process ? undefined : cutOffMs);
  const state = renderState(runtime, { record, status: "stopped" });
  removeRuntime(runtime.root, record.id, runtime.self);
  if (withHooks) runHooks(runtime, "poststop", record, state);
}

/**
 * Its first process, which takes all others along, and what is left of them where they have no process 1 that does. Whoever else is in its groups, or
 * in groups below, is another's: they go on.
 */
function endAll(runtime: Runtime, { record, status, process }: ObservedRuntime): void {
  const own = ownGroups(runtime, record);
  if (process) sendSignal(process.pid, sigkill);
  if (record.sharesPids) killCgroup(own);
  // A process that cgroup v1 has frozen does not end before it is thawed.
  else if (process) thawIfThere(status === "paused" ? record.groups : own);
  if (process) awaitEnd(record.id, process);
}

/** The journal, as it was written before the groups were made. */
function removeGroups(runtime: Runtime, id: string, ends: boolean, patienceMs?: number): void {
  for (const path of journalled(runtime, id)) {
    runtime.debug?.(`group ${path} goes`);
    clearCgroup(path, ends, patienceMs);
  }
  // Nobody is in it any more: systemd waits for nobody to end.
  for (const unit of journalledUnits(runtime, id)) {
    runtime.debug?.(`unit ${unit.name} of systemd (${unit.instance}) goes`);
    stopUnit(unit);
  }
}
