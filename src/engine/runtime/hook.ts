// The hooks that this side runs: after the start, and after the end. Those of `create` are operations of the plan.

import { runHook } from "../../kernel/proc/hook.ts";
import type { HookPoint } from "../../runtime/config/hook.ts";
import type { RuntimeRecord, RuntimeState } from "../../runtime/record.ts";
import type { Runtime } from "./runtime.ts";

/** All of one point, in order. One that fails is a warning, and the next one has its turn (runtime-spec 1.2, runtime.md, Lifecycle). */
export function runHooks(runtime: Runtime, point: HookPoint, record: RuntimeRecord, state: RuntimeState): void {
  const text = JSON.stringify(state);
  for (const hook of record.hooks[point]) {
    const problem = runHook(hook, text, record.bundle);
    if (problem !== undefined) runtime.warn(`${point} hook ${hook.path}: ${problem}`);
  }
}
