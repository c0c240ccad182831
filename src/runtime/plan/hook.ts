// Hooks as operations of the native helper, and the state they get (runtime-spec 1.2, runtime.md, State; config.md, Hooks). Pure.
import type { Operation } from "../../plan/operation.ts";
import type { RuntimeHook } from "../config/hook.ts";
import type { RuntimeState, RuntimeStatus } from "../record.ts";

/** What of a state does not change. */
export type Told = Pick<RuntimeState, "ociVersion" | "id" | "bundle" | "annotations">;

/** Around the process id, which is known when the hook runs. */
export function hookState({ ociVersion, id, bundle, annotations }: Told, status: RuntimeStatus): readonly [before: string, after: string] {
  const state: RuntimeState = { ociVersion, id, status, pid: 0, bundle, annotations };
  const text = JSON.stringify(state);
  const at = text.indexOf('"pid":0') + '"pid":'.length;
  return [text.slice(0, at), text.slice(at + 1)];
}

/** `inherited`: the environment of one that has none of its own. */
export const hookOperation = (hook: RuntimeHook, told: Told, status: RuntimeStatus, inherited: readonly string[]): Operation => [
  "hook",
  `${(hook.timeout ?? 0) * 1000}`,
  ...hookState(told, status),
  `${hook.args.length}`,
  hook.path,
  ...hook.args,
  ...(hook.env ?? inherited),
];
