// The limits of a container as options of `tsns run`. Pure; a line for each member, so that none can be forgotten.
import { renderDeviceRule } from "../../cgroup/device.ts";
import { ioKeys, ioOptions } from "../../cgroup/io-limit.ts";
import type { ResourceSpec } from "../../cgroup/spec.ts";
import { each, flag, nothing, one, type Words } from "./word.ts";

type ResourceTable = { readonly [K in keyof Required<ResourceSpec>]: (resources: ResourceSpec) => Words };

const resourceTable: ResourceTable = {
  memoryBytes: ({ memoryBytes }) => one("--memory", memoryBytes),
  memorySwapBytes: ({ memorySwapBytes }) => one("--memory-swap", memorySwapBytes),
  memoryReservationBytes: ({ memoryReservationBytes }) => one("--memory-reservation", memoryReservationBytes),
  memorySwappiness: ({ memorySwappiness }) => one("--memory-swappiness", memorySwappiness),
  oomKillDisable: ({ oomKillDisable }) => flag("--oom-kill-disable", oomKillDisable),
  cpuShares: ({ cpuShares }) => one("--cpu-shares", cpuShares),
  nanoCpus: ({ nanoCpus }) => one("--cpus", nanoCpus === undefined ? undefined : `${nanoCpus / 1e9}`),
  cpuQuotaMicros: ({ cpuQuotaMicros, nanoCpus }) => one("--cpu-quota", nanoCpus ? undefined : cpuQuotaMicros),
  cpuPeriodMicros: ({ cpuPeriodMicros, nanoCpus }) => one("--cpu-period", nanoCpus ? undefined : cpuPeriodMicros),
  cpuRealtimePeriodMicros: ({ cpuRealtimePeriodMicros }) => one("--cpu-rt-period", cpuRealtimePeriodMicros),
  cpuRealtimeRuntimeMicros: ({ cpuRealtimeRuntimeMicros }) => one("--cpu-rt-runtime", cpuRealtimeRuntimeMicros),
  cpusetCpus: ({ cpusetCpus }) => one("--cpuset-cpus", cpusetCpus),
  cpusetMems: ({ cpusetMems }) => one("--cpuset-mems", cpusetMems),
  pidsLimit: ({ pidsLimit }) => one("--pids-limit", pidsLimit),
  blkioWeight: ({ blkioWeight }) => one("--blkio-weight", blkioWeight),
  blkioWeightDevices: ({ blkioWeightDevices = [] }) =>
    each(
      "--blkio-weight-device",
      blkioWeightDevices.map(({ device, weight }) => `${device}:${weight}`),
    ),
  io: ({ io = [] }) =>
    io.flatMap((limit) =>
      ioKeys.flatMap((key) => one(ioOptions[key], limit[key] === undefined ? undefined : `${limit.device}:${limit[key]}`)),
    ),
  // --privileged says it
  devices: nothing,
  deviceRules: ({ deviceRules = [] }) => each("--device-cgroup-rule", deviceRules.map(renderDeviceRule)),
};

export function resourceWords(resources: ResourceSpec): Words {
  return Object.values(resourceTable).flatMap((words) => words(resources));
}
