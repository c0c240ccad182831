// The limits of a container as members of a compose service. Pure; a line for each member, so that none can be forgotten.
import { renderDeviceRule } from "../../cgroup/device.ts";
import { ioKeys } from "../../cgroup/io-limit.ts";
import type { ResourceSpec } from "../../cgroup/spec.ts";
import { bytes, defined, list, type Members, none, nothing, unsaid } from "./compose-member.ts";
import type { YamlValue } from "./yaml.ts";

type ResourceTable = { readonly [K in keyof Required<ResourceSpec>]: (resources: ResourceSpec) => Members };

const blkioNames = {
  readBps: "device_read_bps",
  writeBps: "device_write_bps",
  readIops: "device_read_iops",
  writeIops: "device_write_iops",
} as const;

const resourceTable: ResourceTable = {
  memoryBytes: ({ memoryBytes }) => ({ mem_limit: bytes(memoryBytes) }),
  memorySwapBytes: ({ memorySwapBytes }) => ({ memswap_limit: memorySwapBytes === -1 ? -1 : bytes(memorySwapBytes) }),
  memoryReservationBytes: ({ memoryReservationBytes }) => ({ mem_reservation: bytes(memoryReservationBytes) }),
  memorySwappiness: ({ memorySwappiness }) => ({ mem_swappiness: memorySwappiness }),
  oomKillDisable: ({ oomKillDisable }) => ({ oom_kill_disable: oomKillDisable || undefined }),
  cpuShares: ({ cpuShares }) => ({ cpu_shares: cpuShares }),
  nanoCpus: ({ nanoCpus }) => ({ cpus: nanoCpus === undefined ? undefined : nanoCpus / 1e9 }),
  cpuQuotaMicros: ({ cpuQuotaMicros, nanoCpus }) => ({ cpu_quota: nanoCpus ? undefined : cpuQuotaMicros }),
  cpuPeriodMicros: ({ cpuPeriodMicros, nanoCpus }) => ({ cpu_period: nanoCpus ? undefined : cpuPeriodMicros }),
  cpuRealtimePeriodMicros: ({ cpuRealtimePeriodMicros }) => ({ cpu_rt_period: cpuRealtimePeriodMicros }),
  cpuRealtimeRuntimeMicros: ({ cpuRealtimeRuntimeMicros }) => ({ cpu_rt_runtime: cpuRealtimeRuntimeMicros }),
  cpusetCpus: ({ cpusetCpus }) => ({ cpuset: cpusetCpus }),
  cpusetMems: ({ cpusetMems }) => (cpusetMems === undefined ? none : unsaid(`--cpuset-mems ${cpusetMems}`)),
  pidsLimit: ({ pidsLimit }) => ({ pids_limit: pidsLimit }),
  blkioWeight: nothing,
  blkioWeightDevices: nothing,
  io: (resources) => ({ blkio_config: blockIo(resources) }),
  devices: nothing,
  deviceRules: ({ deviceRules }) => ({ device_cgroup_rules: list(deviceRules?.map(renderDeviceRule)) }),
};

function blockIo({ blkioWeight, blkioWeightDevices = [], io = [] }: ResourceSpec): YamlValue | undefined {
  const rates = ioKeys.map((key) => {
    const limits = io.flatMap((limit) => (limit[key] === undefined ? [] : [{ path: limit.device, rate: limit[key] }]));
    return [blkioNames[key], limits.length > 0 ? limits : undefined] as const;
  });
  const config = defined({
    weight: blkioWeight,
    weight_device: blkioWeightDevices.length > 0 ? blkioWeightDevices.map(({ device, weight }) => ({ path: device, weight })) : undefined,
    ...Object.fromEntries(rates),
  });
  return Object.keys(config).length > 0 ? config : undefined;
}

export const resourcesOf = (resources: ResourceSpec): Members =>
  Object.assign({}, ...Object.values(resourceTable).map((of) => of(resources)));
