// Resources as files of cgroup v1 (runtime-spec 1.2, config-linux.md, Control groups; Documentation/admin-guide/cgroup-v1). Pure.
import type { RuntimeBlockIo, RuntimeCpu, RuntimeMemory, RuntimeResources } from "../config/resource.ts";
import { type GroupSetting, type GroupSettings, settingIf, settingOf } from "./setting.ts";

/** What is set already: a limit of memory and one of memory and swap are set in the order in which the first is never above the second. */
export interface LegacyNow {
  /** memory.memsw.limit_in_bytes; absent: none, or not accounted. */
  readonly swapLimit?: bigint;
}

function memorySettings(memory: RuntimeMemory, { swapLimit }: LegacyNow): GroupSetting[] {
  const limit = settingIf(memory.limit, (value) => settingOf("memory", "memory.limit_in_bytes", value, "the memory limit"));
  const swap = settingIf(memory.swap, (value) =>
    settingOf("memory", "memory.memsw.limit_in_bytes", value, "the limit of memory and swap together"),
  );
  const rises = memory.limit !== undefined && swapLimit !== undefined && (memory.limit < 0n || memory.limit > swapLimit);
  return [
    ...(rises ? [...swap, ...limit] : [...limit, ...swap]),
    ...settingIf(memory.reservation, (value) =>
      settingOf("memory", "memory.soft_limit_in_bytes", value, "the memory to shrink to under pressure"),
    ),
    ...settingIf(memory.kernelTcp, (value) => settingOf("memory", "memory.kmem.tcp.limit_in_bytes", value, "the memory of TCP buffers")),
    ...settingIf(memory.swappiness, (value) => settingOf("memory", "memory.swappiness", value, "how readily its memory is swapped out")),
    ...settingIf(memory.disableOomKiller, (isOff) =>
      settingOf("memory", "memory.oom_control", isOff ? 1 : 0, isOff ? "out of memory its processes wait" : "out of memory one is killed"),
    ),
  ];
}

/** A period before what refers to it: the kernel checks one against the other. */
function cpuSettings(cpu: RuntimeCpu): GroupSetting[] {
  const set = (file: string, because: string) => (value: bigint | number) => settingOf("cpu", file, value, because);
  return [
    ...settingIf(cpu.shares, set("cpu.shares", "the weight against other groups")),
    ...settingIf(cpu.period, set("cpu.cfs_period_us", "the period a quota refers to")),
    ...settingIf(cpu.quota, set("cpu.cfs_quota_us", "the CPU time allowed per period")),
    ...settingIf(cpu.burst, set("cpu.cfs_burst_us", "the time that may be saved up")),
    ...settingIf(cpu.realtimePeriod, set("cpu.rt_period_us", "the period of real-time processes")),
    ...settingIf(cpu.realtimeRuntime, set("cpu.rt_runtime_us", "the time of real-time processes per period")),
    ...settingIf(cpu.idle, set("cpu.idle", "it runs when nobody else does")),
  ];
}

const deviceOf = ({ major, minor }: { readonly major: number; readonly minor: number }): string => `${major}:${minor}`;

/** `weightFile`: blkio.weight, or that of BFQ where the kernel has that one. */
function blockSettings(block: RuntimeBlockIo, weightFile: string): GroupSetting[] {
  const set = (file: string, value: string | number, because: string) => settingOf("blkio", file, value, because);
  const rates = [
    ["blkio.throttle.read_bps_device", block.throttleReadBps],
    ["blkio.throttle.write_bps_device", block.throttleWriteBps],
    ["blkio.throttle.read_iops_device", block.throttleReadIops],
    ["blkio.throttle.write_iops_device", block.throttleWriteIops],
  ] as const;
  return [
    ...settingIf(block.weight, (weight) => set(weightFile, weight, "the share of block I/O against other groups")),
    ...settingIf(block.leafWeight, (weight) => set("blkio.leaf_weight", weight, "the share of its own processes against groups below")),
    ...block.weightDevice.flatMap((device) => [
      ...settingIf(device.weight, (weight) =>
        set(`${weightFile}_device`, `${deviceOf(device)} ${weight}`, `its share of device ${deviceOf(device)}`),
      ),
      ...settingIf(device.leafWeight, (weight) =>
        set("blkio.leaf_weight_device", `${deviceOf(device)} ${weight}`, `its share of device ${deviceOf(device)}`),
      ),
    ]),
    ...rates.flatMap(([file, limits]) =>
      limits.map((limit) => set(file, `${deviceOf(limit)} ${limit.rate}`, `what device ${deviceOf(limit)} gives per second`)),
    ),
  ];
}

export function legacySettings(resources: RuntimeResources, now: LegacyNow, weightFile = "blkio.weight"): GroupSettings {
  const { memory, cpu, pids, blockIo, network, hugepageLimits, rdma, unified } = resources;
  return {
    settings: [
      ...(memory ? memorySettings(memory, now) : []),
      ...(cpu ? cpuSettings(cpu) : []),
      ...settingIf(cpu?.cpus || undefined, (list) => settingOf("cpuset", "cpuset.cpus", list, "the CPUs its processes may run on")),
      ...settingIf(cpu?.mems || undefined, (list) => settingOf("cpuset", "cpuset.mems", list, "the memory nodes its processes may use")),
      ...settingIf(pids?.limit, (limit) => settingOf("pids", "pids.max", limit > 0n ? limit : "max", "the limit of processes and threads")),
      ...(blockIo ? blockSettings(blockIo, weightFile) : []),
      ...hugepageLimits.map(({ pageSize, limit }) =>
        settingOf("hugetlb", `hugetlb.${pageSize}.limit_in_bytes`, limit, `the limit of huge pages of ${pageSize}`),
      ),
      ...settingIf(network?.classId, (id) => settingOf("net_cls", "net_cls.classid", id, "the class its packets are marked with")),
      ...(network?.priorities ?? []).map(({ name, priority }) =>
        settingOf("net_prio", "net_prio.ifpriomap", `${name} ${priority}`, `the priority of what it sends by ${name}`),
      ),
      ...rdmaSettings(rdma),
    ],
    warnings: [
      ...(memory?.kernel === undefined ? [] : ["linux.resources.memory.kernel is ignored: the kernel limits it with the rest of memory"]),
      ...(Object.keys(unified).length > 0 ? ["linux.resources.unified is ignored: it is for cgroup v2"] : []),
    ],
  };
}

export const rdmaSettings = (rdma: RuntimeResources["rdma"]): GroupSetting[] =>
  Object.entries(rdma).map(([device, { hcaHandles, hcaObjects }]) =>
    settingOf(
      "rdma",
      "rdma.max",
      [
        device,
        ...(hcaHandles === undefined ? [] : [`hca_handle=${hcaHandles}`]),
        ...(hcaObjects === undefined ? [] : [`hca_object=${hcaObjects}`]),
      ].join(" "),
      `the limits of RDMA device ${device}`,
    ),
  );
