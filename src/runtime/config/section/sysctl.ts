// `linux.sysctl` (runtime-spec 1.2, config-linux.md, Sysctl): a setting is the container's own only in a namespace of its own.
import { isIpcSysctl, isNetworkSysctl, isSysctlName } from "../../../container/sysctl.ts";
import { entries, type Node, needed, problem, text } from "../node.ts";
import type { RuntimeNamespace, RuntimeNamespaceType } from "../type.ts";

/** Why a container may not have a setting; undefined: it may. */
function objection(key: string, has: (type: RuntimeNamespaceType) => boolean): string | undefined {
  if (!isSysctlName(key)) return "is not the name of a kernel setting";
  if (isIpcSysctl(key)) return has("ipc") ? undefined : "is the host's without an ipc namespace of the container's own";
  if (isNetworkSysctl(key)) return has("network") ? undefined : "is the host's without a network namespace of the container's own";
  const name = key.replaceAll("/", ".");
  if (name === "kernel.domainname" && has("uts")) return undefined;
  if (name === "kernel.hostname" && has("uts")) return "is set by hostname";
  return "is the same for the whole host";
}

/** `namespaces`: the container's own. */
export function parseSysctls(node: Node, namespaces: readonly RuntimeNamespace[]): Readonly<Record<string, string>> {
  const has = (type: RuntimeNamespaceType) => namespaces.some((each) => each.type === type);
  const settings = entries(node).flatMap(([key, each]) => {
    const value = needed(each, text);
    const why = objection(key, has);
    if (why !== undefined) problem(each, why);
    return value === undefined ? [] : [[key, value] as const];
  });
  return Object.fromEntries(settings);
}
