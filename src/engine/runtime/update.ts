// `update`: other limits for a container that has not stopped.
import { TsnsError } from "../../base/error.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { parseRuntimeResources } from "../../runtime/config/parse.ts";
import type { RuntimeResources } from "../../runtime/config/resource.ts";
import { changeDevices } from "./device-update.ts";
import { updateGroups } from "./group-update.ts";
import { observeRuntime } from "./observe.ts";
import type { Runtime } from "./runtime.ts";
import { changeScope } from "./scope.ts";

/** `wanted`: values, or a document like `linux.resources`. Throws conflict for one that has stopped, invalid for a document that is none. */
export async function updateRuntime(runtime: Runtime, id: string, wanted: RuntimeResources | string): Promise<void> {
  const { record, status } = await observeRuntime(runtime, id);
  if (status === "stopped" || status === "creating")
    throw new TsnsError("conflict", "not-running", `cannot update container ${id}: container not running: ${status}`);
  const { scope } = record;
  const first = (steps: readonly PlannedStep[]) => (scope ? changeScope(scope, record, steps) : undefined);
  if (typeof wanted !== "string") return updateGroups(runtime, record.groups, wanted, first);
  const { resources, warnings } = parseRuntimeResources(wanted);
  for (const warning of warnings) runtime.warn(warning);
  updateGroups(runtime, record.groups, resources, first);
  changeDevices(runtime, record, resources.devices);
}
