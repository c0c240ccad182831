// `HostConfig` of docker's inspect document: joins what the files beside know of each subject, in docker's order. Pure.
import type { ContainerRecord } from "../record.ts";
import { driverOf } from "../spec/log.ts";
import { isolationView } from "./isolation.ts";
import { networkHostConfig } from "./network.ts";
import { resourceView } from "./resource.ts";
import { securityOpt, systemPaths } from "./security.ts";
import { optionalStorage, storageView } from "./storage.ts";
import { unlessEmpty, withUnset } from "./unset.ts";

/** Of the Docker Engine API 1.50; members of others follow. */
const order = [
  ...["Binds", "ContainerIDFile", "LogConfig", "NetworkMode", "PortBindings", "RestartPolicy", "AutoRemove", "VolumeDriver"],
  ...["VolumesFrom", "Annotations", "CapAdd", "CapDrop", "CgroupnsMode", "Dns", "DnsOptions", "DnsSearch", "ExtraHosts"],
  ...["GroupAdd", "IpcMode", "Cgroup", "Links", "OomScoreAdj", "PidMode", "Privileged", "PublishAllPorts", "ReadonlyRootfs"],
  ...[
    "SecurityOpt",
    "StorageOpt",
    "Tmpfs",
    "UTSMode",
    "UsernsMode",
    "ShmSize",
    "Sysctls",
    "Runtime",
    "ConsoleSize",
    "Isolation",
    "CpuShares",
    "Memory",
  ],
  ...["NanoCpus", "CgroupParent", "BlkioWeight", "BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps"],
  ...["BlkioDeviceWriteIOps", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime", "CpusetCpus", "CpusetMems", "Devices"],
  ...["DeviceCgroupRules", "DeviceRequests", "KernelMemory", "KernelMemoryTCP", "MemoryReservation", "MemorySwap", "MemorySwappiness"],
  ...["OomKillDisable", "Init", "PidsLimit", "Ulimits", "CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth", "Mounts"],
  ...["MaskedPaths", "ReadonlyPaths"],
];

/** `nameOf`: the name of a container by its id. */
export function hostConfigView(record: ContainerRecord, nameOf: (id: string) => string): Record<string, unknown> {
  const { spec } = record;
  const { Sysctls, ...isolation } = isolationView(spec);
  const members: Record<string, unknown> = {
    ...storageView(spec),
    ContainerIDFile: spec.containerIdFile ?? "",
    LogConfig: { Type: driverOf(spec.log), Config: spec.log.options ?? {} },
    RestartPolicy: { Name: spec.restart?.policy ?? "no", MaximumRetryCount: spec.restart?.max ?? 0 },
    AutoRemove: spec.autoRemove,
    // The size of the terminal that `run` was called from is told to the container by its client.
    ConsoleSize: [0, 0],
    CapAdd: spec.capAdd.length > 0 ? spec.capAdd : null,
    CapDrop: spec.capDrop.length > 0 ? spec.capDrop : null,
    Privileged: spec.privileged,
    ReadonlyRootfs: spec.readOnlyRoot,
    SecurityOpt: securityOpt(spec),
    ...isolation,
    ...networkHostConfig(record, nameOf),
    ...resourceView(spec.resources),
    ...systemPaths(spec),
  };
  const optional = {
    ...optionalStorage(spec),
    Annotations: unlessEmpty(spec.annotations),
    Init: spec.init ? true : undefined,
    Sysctls,
  };
  const shown = Object.entries({ ...members, ...optional }).filter(([, value]) => value !== undefined);
  return withUnset(Object.fromEntries(shown.sort(([a], [b]) => rank(a) - rank(b))), optional);
}

const ranks = new Map(order.map((name, at) => [name, at]));
const rank = (name: string): number => ranks.get(name) ?? order.length;
