// The namespaces of an OCI configuration: new ones, those of other containers by path, the host's left out. Pure.

import type { NamespaceMode } from "../spec/isolation.ts";
import type { ContainerSpec } from "../spec.ts";
import type { CompileInput } from "./compile.ts";
import type { OciConfig, OciNamespace } from "./type.ts";

export function namespacesOf(spec: ContainerSpec, join: CompileInput["join"]): OciNamespace[] {
  const result: OciNamespace[] = [
    { type: "mount" },
    ...(spec.cgroupNamespace === "host" ? [] : [{ type: "cgroup" } satisfies OciNamespace]),
  ];
  const add = (type: OciNamespace["type"], mode: NamespaceMode["mode"] | "none" | "bridge" | "shareable", path: string | undefined) => {
    if (mode === "host") return;
    result.push(path ? { type, path } : { type });
  };
  add("pid", spec.pid.mode, join.pid);
  add("ipc", spec.ipc.mode, join.ipc);
  add("uts", spec.uts.mode, join.uts);
  add("network", spec.network.mode, join.network);
  if (spec.timeNamespace) result.push({ type: "time" });
  if (spec.userNamespace) result.push({ type: "user" });
  return result;
}

/** Offsets of a time namespace (time_namespaces(7)); none leaves its clocks as the host's. */
export function timeOffsetsOf({ timeNamespace }: ContainerSpec): OciConfig["linux"]["timeOffsets"] {
  if (!timeNamespace?.offsetSeconds) return undefined;
  const offset = { secs: timeNamespace.offsetSeconds, nanosecs: 0 };
  return { monotonic: offset, boottime: offset };
}
