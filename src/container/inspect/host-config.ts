// `HostConfig` of docker's inspect document. Pure.
import type { ContainerSpec } from "../spec.ts";
import { namespaceName, networkName } from "./mode.ts";
import { groupPorts } from "./port.ts";
import { securityOpt, systemPaths } from "./security.ts";

export function hostConfigView(spec: ContainerSpec): Record<string, unknown> {
  const { resources } = spec;
  return {
    Binds: spec.mounts.flatMap((mount) => (mount.type === "bind" ? [`${mount.source}:${mount.target}${mount.readOnly ? ":ro" : ""}`] : [])),
    LogConfig: { Type: "json-file", Config: { "max-size": `${spec.log.maxBytes}`, "max-file": `${spec.log.maxFiles}` } },
    NetworkMode: networkName(spec.network),
    PortBindings: groupPorts(spec.ports, (port) => (port.hostPort ? `${port.hostPort}` : "")),
    RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    AutoRemove: spec.autoRemove,
    Init: spec.init,
    CapAdd: spec.capAdd.length > 0 ? spec.capAdd : null,
    CapDrop: spec.capDrop.length > 0 ? spec.capDrop : null,
    PidMode: namespaceName(spec.pid),
    IpcMode: namespaceName(spec.ipc) || "private",
    UTSMode: namespaceName(spec.uts),
    UsernsMode: spec.userNamespace ? "private" : "",
    CgroupnsMode: "private",
    Privileged: spec.privileged,
    ReadonlyRootfs: spec.readOnlyRoot,
    SecurityOpt: securityOpt(spec),
    ...systemPaths(spec),
    Tmpfs: Object.fromEntries(spec.mounts.flatMap((mount) => (mount.type === "tmpfs" ? [[mount.target, mount.options.join(",")]] : []))),
    ShmSize: 67_108_864,
    Memory: resources.memoryBytes ?? 0,
    MemorySwap: resources.memorySwapBytes ?? (resources.memoryBytes ?? 0) * 2,
    MemoryReservation: resources.memoryReservationBytes ?? 0,
    CpuShares: resources.cpuShares ?? 0,
    CpuPeriod: resources.cpuPeriodMicros ?? 0,
    CpuQuota: resources.cpuQuotaMicros ?? 0,
    NanoCpus: 0,
    CpusetCpus: resources.cpusetCpus ?? "",
    CpusetMems: resources.cpusetMems ?? "",
    PidsLimit: resources.pidsLimit ?? null,
    Runtime: "tsns",
  };
}
