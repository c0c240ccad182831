// `linux.namespaces` and the offsets of a time namespace (runtime-spec 1.2, config-linux.md, Namespaces). That a path leads to a namespace of its
// kind is seen when it is opened.
import {
  count,
  entries,
  filled,
  given,
  isObjectNode,
  items,
  member,
  type Node,
  needed,
  neededText,
  problem,
  quote,
  word,
} from "../node.ts";
import type { RuntimeLinux, RuntimeNamespace, RuntimeNamespaceType, RuntimeTimeOffset } from "../type.ts";

export const namespaceTypes: readonly RuntimeNamespaceType[] = ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"];

function namespaceOf(node: Node): RuntimeNamespace | undefined {
  if (!isObjectNode(node)) return undefined;
  const type = neededText(member(node, "type")) === undefined ? undefined : word(member(node, "type"), namespaceTypes);
  const path = filled(member(node, "path"));
  if (path !== undefined && !path.startsWith("/")) problem(member(node, "path"), `${quote(path)} is not an absolute path`);
  return type && given({ type, path });
}

export function parseNamespaces(node: Node): readonly RuntimeNamespace[] {
  const seen = new Set<string>();
  return items(node).flatMap((each) => {
    const namespace = namespaceOf(each);
    if (!namespace) return [];
    if (seen.has(namespace.type)) problem(each, `${namespace.type} is there twice`);
    seen.add(namespace.type);
    return [namespace];
  });
}

/** KTIME_SEC_MAX / 2 of the kernel, which refuses more (time_namespaces(7)). */
const mostSeconds = 4_611_686_018;

function offsetOf(node: Node): RuntimeTimeOffset | undefined {
  if (!needed(node, isObjectNode)) return undefined;
  const secs = count(member(node, "secs"), -mostSeconds, mostSeconds) ?? 0;
  return { secs, nanosecs: count(member(node, "nanosecs"), 0, 999_999_999) ?? 0 };
}

export function parseTimeOffsets(node: Node): RuntimeLinux["timeOffsets"] {
  const offsets: { monotonic?: RuntimeTimeOffset; boottime?: RuntimeTimeOffset } = {};
  for (const [clock, each] of entries(node)) {
    const offset = offsetOf(each);
    if (clock !== "monotonic" && clock !== "boottime") problem(each, "is no clock of a time namespace; those are monotonic and boottime");
    else if (offset) offsets[clock] = offset;
  }
  return offsets;
}
