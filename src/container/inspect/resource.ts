// What `HostConfig` of docker's inspect document says of limits. Pure.
import type { IoKey } from "../../cgroup/io-limit.ts";
import type { ResourceSpec } from "../../cgroup/spec.ts";

export function resourceView(resources: ResourceSpec): Record<string, unknown> {
  // docker keeps what --cpus said apart from quota and period
  const counted = resources.nanoCpus !== undefined;
  return {
    CpuShares: resources.cpuShares ?? 0,
    Memory: resources.memoryBytes ?? 0,
    NanoCpus: resources.nanoCpus ?? 0,
    BlkioWeight: resources.blkioWeight ?? 0,
    BlkioWeightDevice: (resources.blkioWeightDevices ?? []).map(({ device, weight }) => ({ Path: device, Weight: weight })),
    BlkioDeviceReadBps: ratesOf(resources, "readBps"),
    BlkioDeviceWriteBps: ratesOf(resources, "writeBps"),
    BlkioDeviceReadIOps: ratesOf(resources, "readIops"),
    BlkioDeviceWriteIOps: ratesOf(resources, "writeIops"),
    CpuPeriod: counted ? 0 : (resources.cpuPeriodMicros ?? 0),
    CpuQuota: counted ? 0 : (resources.cpuQuotaMicros ?? 0),
    CpuRealtimePeriod: resources.cpuRealtimePeriodMicros ?? 0,
    CpuRealtimeRuntime: resources.cpuRealtimeRuntimeMicros ?? 0,
    CpusetCpus: resources.cpusetCpus ?? "",
    CpusetMems: resources.cpusetMems ?? "",
    KernelMemory: 0,
    KernelMemoryTCP: 0,
    MemoryReservation: resources.memoryReservationBytes ?? 0,
    MemorySwap: resources.memorySwapBytes ?? (resources.memoryBytes ?? 0) * 2,
    MemorySwappiness: resources.memorySwappiness ?? null,
    OomKillDisable: resources.oomKillDisable ?? false,
    PidsLimit: resources.pidsLimit ?? null,
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
  };
}

function ratesOf({ io = [] }: ResourceSpec, key: IoKey): readonly { readonly Path: string; readonly Rate: number }[] {
  return io.flatMap((limit) => {
    const rate = limit[key];
    return rate === undefined ? [] : [{ Path: limit.device, Rate: Math.max(rate, 0) }];
  });
}
