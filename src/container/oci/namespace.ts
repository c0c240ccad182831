// The namespaces of an OCI configuration: new ones, those of other containers by path, the host's left out. Pure.

import type { NamespaceMode } from "../spec/isolation.ts";
import type { ContainerSpec } from "../spec.ts";
import type { CompileInput } from "./compile.ts";
import type { OciNamespace } from "./type.ts";

export function namespacesOf(spec: ContainerSpec, join: CompileInput["join"]): OciNamespace[] {
  const result: OciNamespace[] = [{ type: "mount" }, { type: "cgroup" }];
  const add = (type: OciNamespace["type"], mode: NamespaceMode["mode"] | "none" | "bridge", path: string | undefined) => {
    if (mode === "host") return;
    result.push(path ? { type, path } : { type });
  };
  add("pid", spec.pid.mode, join.pid);
  add("ipc", spec.ipc.mode, join.ipc);
  add("uts", spec.uts.mode, join.uts);
  add("network", spec.network.mode, join.network);
  if (spec.userNamespace) result.push({ type: "user" });
  return result;
}
