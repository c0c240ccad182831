// `pause` and `resume`: the freezer of a container's group.
import { TsnsError } from "../../base/error.ts";
import { freezeCgroup, thawCgroup } from "../../kernel/cgroup/process.ts";
import type { RuntimeRecord } from "../../runtime/record.ts";
import { observeRuntime } from "./observe.ts";
import type { Runtime } from "./runtime.ts";

/** Throws conflict unless it is created or runs; unsupported without a freezer. */
export async function pauseRuntime(runtime: Runtime, id: string): Promise<void> {
  const { record, status } = await observeRuntime(runtime, id);
  if (status !== "running" && status !== "created")
    throw new TsnsError("conflict", "not-running", `cannot pause container ${id}: container not running or created: ${status}`);
  freezeCgroup(withFreezer(record));
}

/** Throws conflict unless it is paused. */
export async function resumeRuntime(runtime: Runtime, id: string): Promise<void> {
  const { record, status } = await observeRuntime(runtime, id);
  if (status !== "paused") throw new TsnsError("conflict", "not-paused", `cannot resume container ${id}: container not paused: ${status}`);
  thawCgroup(withFreezer(record));
}

function withFreezer({ id, groups }: RuntimeRecord): RuntimeRecord["groups"] {
  if (groups.unified !== undefined || groups.freezer !== undefined) return groups;
  throw new TsnsError("unsupported", "no-freezer", `container ${id} has no group of its own that could be frozen`, {
    hint: "create it with the rights to make groups, and a freezer on this host",
  });
}
