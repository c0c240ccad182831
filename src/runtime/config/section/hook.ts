// `hooks` (runtime-spec 1.2, config.md, POSIX-platform Hooks). Points that are not known are unknown properties: left alone.
import { type HookPoint, hookPoints, type RuntimeHook, type RuntimeHooks } from "../hook.ts";
import { count, given, isObjectNode, isThere, items, member, type Node, neededPath, texts } from "../node.ts";

/** What fits the native helper's milliseconds. */
const longestSeconds = 2_000_000;

function hookOf(node: Node): RuntimeHook | undefined {
  if (!isObjectNode(node)) return undefined;
  const path = neededPath(member(node, "path"));
  const args = texts(member(node, "args"));
  const env = isThere(member(node, "env")) ? texts(member(node, "env")) : undefined;
  const timeout = count(member(node, "timeout"), 1, Number.MAX_SAFE_INTEGER);
  if (path === undefined) return undefined;
  return given({ path, args: args.length > 0 ? args : [path], env, timeout: timeout && Math.min(timeout, longestSeconds) });
}

export function parseHooks(node: Node): RuntimeHooks {
  isObjectNode(node);
  const at = (point: HookPoint) => items(member(node, point)).flatMap((each) => hookOf(each) ?? []);
  return Object.fromEntries(hookPoints.map((point) => [point, at(point)])) as Record<HookPoint, RuntimeHook[]>;
}
