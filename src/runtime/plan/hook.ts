// Hooks as operations of the native helper, and the state they get (runtime-spec 1.2, runtime.md, State; config.md, Hooks). Pure.
import type { Operation } from "../../plan/operation.ts";
import type { HookPoint, RuntimeHook, RuntimeHooks } from "../config/hook.ts";
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

/** What hooks without an environment of their own get: this one, or that of the command as it will be. */
export type Inherited = readonly string[] | "command";

/** All of one point, in their order. */
export const hookOperations = (hooks: RuntimeHooks, point: HookPoint, told: Told, inherited: Inherited): Operation[] =>
  hooks[point].map((hook, index) => hookOperation(hook, `${point} hook #${index}`, hookState(told, "created"), inherited));

const hookOperation = (hook: RuntimeHook, name: string, state: readonly [string, string], inherited: Inherited): Operation => {
  const env = hook.env ?? inherited;
  return [
    "hook",
    name,
    `${(hook.timeout ?? 0) * 1000}`,
    ...state,
    env === "command" ? "command" : "own",
    `${hook.args.length}`,
    hook.path,
    ...hook.args,
    ...(env === "command" ? [] : env),
  ];
};
