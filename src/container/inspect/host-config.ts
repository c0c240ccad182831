// `HostConfig` of docker's inspect document. Pure.
import type { ContainerSpec } from "../spec.ts";
import { isolationView } from "./isolation.ts";
import { resourceView } from "./resource.ts";
import { securityOpt, systemPaths } from "./security.ts";

export function hostConfigView(spec: ContainerSpec): Record<string, unknown> {
  return {
    Binds: spec.mounts.flatMap((mount) => (mount.type === "bind" ? [`${mount.source}:${mount.target}${mount.readOnly ? ":ro" : ""}`] : [])),
    LogConfig: { Type: "json-file", Config: { "max-size": `${spec.log.maxBytes}`, "max-file": `${spec.log.maxFiles}` } },
    RestartPolicy: { Name: spec.restart?.policy ?? "no", MaximumRetryCount: spec.restart?.max ?? 0 },
    AutoRemove: spec.autoRemove,
    Init: spec.init,
    CapAdd: spec.capAdd.length > 0 ? spec.capAdd : null,
    CapDrop: spec.capDrop.length > 0 ? spec.capDrop : null,
    Privileged: spec.privileged,
    ReadonlyRootfs: spec.readOnlyRoot,
    SecurityOpt: securityOpt(spec),
    ...systemPaths(spec),
    Tmpfs: Object.fromEntries(spec.mounts.flatMap((mount) => (mount.type === "tmpfs" ? [[mount.target, mount.options.join(",")]] : []))),
    ...isolationView(spec),
    ...resourceView(spec.resources),
  };
}
