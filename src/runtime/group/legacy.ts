// Resources as files of cgroup v1 (runtime-spec 1.2, config-linux.md, Control groups; Documentation/admin-guide/cgroup-v1). Pure.
import { TsnsError } from "../../base/error.ts";
import type { RuntimeBlockIo, RuntimeCpu, RuntimeMemory, RuntimeResources } from "../config/resource.ts";
import { burstOf, burstOrder, defaultPeriod, sharesOf } from "./cpu.ts";
import { type GroupFiles, type GroupSetting, type GroupSettings, hugepageSettings, settingIf, settingOf } from "./setting.ts";

/** What is set already: the kernel checks one limit against the other each time, so that what rises is set in another order than what falls. */
export interface LegacyNow {
  /** memory.memsw.limit_in_bytes; absent: none, or not accounted. */
  readonly swapLimit?: bigint;
  /** cpu.cfs_period_us, cpu.cfs_burst_us */
  readonly cpuPeriod?: bigint;
  readonly cpuBurst?: bigint;
  /** cpu.rt_period_us */
  readonly realtimePeriod?: bigint;
}

/** Of a new group, microseconds (sched-rt-group.rst). */
const defaultRealtimePeriod = 1_000_000n;

function memorySettings(memory: RuntimeMemory, { swapLimit }: LegacyNow): GroupSetting[] {
  const limit = settingIf(memory.limit, (value) => settingOf("memory", "memory.limit_in_bytes", value, "the memory limit"));
  // Memory has no limit while memory and swap together have one.
  const together = memory.swap ?? (memory.limit !== undefined && memory.limit < 0n && swapLimit !== undefined ? -1n : undefined);
  const swap = settingIf(together, (value) =>
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

function cpuSettings(cpu: RuntimeCpu, now: LegacyNow, files: GroupFiles): GroupSetting[] {
  const set = (file: string, because: string) => (value: bigint | number) => settingOf("cpu", file, value, because);
  const period = settingIf(cpu.period, set("cpu.cfs_period_us", "the period a quota refers to"));
  const quota = settingIf(cpu.quota, set("cpu.cfs_quota_us", "the CPU time allowed per period"));
  const burst = settingIf(burstOf(cpu, files), set("cpu.cfs_burst_us", "the time that may be saved up"));
  const falls = cpu.period !== undefined && cpu.period < (now.cpuPeriod ?? defaultPeriod);
  const realtimePeriod = settingIf(cpu.realtimePeriod, set("cpu.rt_period_us", "the period of real-time processes"));
  const realtimeRuntime = settingIf(cpu.realtimeRuntime, set("cpu.rt_runtime_us", "the time of real-time processes per period"));
  const realtimeFalls = cpu.realtimePeriod !== undefined && cpu.realtimePeriod < (now.realtimePeriod ?? defaultRealtimePeriod);
  return [
    ...settingIf(cpu.idle, set("cpu.idle", "it runs when nobody else does")),
    ...settingIf(sharesOf(cpu), set("cpu.shares", "the weight against other groups")),
    // No step between may take a larger share of the time than a group above has.
    ...burstOrder(cpu, now, burst, falls ? [...quota, ...period] : [...period, ...quota]),
    ...(realtimeFalls ? [...realtimeRuntime, ...realtimePeriod] : [...realtimePeriod, ...realtimeRuntime]),
  ];
}

const deviceOf = ({ major, minor }: { readonly major: number; readonly minor: number }): string => `${major}:${minor}`;

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

/** Throws TsnsError unsupported for what is said in words of v2: such a controller is not there. */
export function legacySettings(resources: RuntimeResources, now: LegacyNow, files: GroupFiles = {}): GroupSettings {
  const { memory, cpu, pids, blockIo, network, hugepageLimits, rdma, unified } = resources;
  const [word] = Object.keys(unified);
  if (word !== undefined)
    throw new TsnsError(
      "unsupported",
      "unified-without-v2",
      `invalid configuration: linux.resources.unified ${word} is for cgroup v2, and this host's controllers are on v1`,
      {
        hint: "say it in linux.resources in the words for both versions, or boot with systemd.unified_cgroup_hierarchy=1",
      },
    );
  return {
    settings: [
      ...(memory ? memorySettings(memory, now) : []),
      ...(cpu ? cpuSettings(cpu, now, files) : []),
      ...settingIf(cpu?.cpus || undefined, (list) => settingOf("cpuset", "cpuset.cpus", list, "the CPUs its processes may run on")),
      ...settingIf(cpu?.mems || undefined, (list) => settingOf("cpuset", "cpuset.mems", list, "the memory nodes its processes may use")),
      ...settingIf(pids?.limit, (limit) => settingOf("pids", "pids.max", limit > 0n ? limit : "max", "the limit of processes and threads")),
      ...(blockIo ? blockSettings(blockIo, files.weightFile ?? "blkio.weight") : []),
      ...hugepageSettings(hugepageLimits, "limit_in_bytes", files),
      ...settingIf(network?.classId, (id) => settingOf("net_cls", "net_cls.classid", id, "the class its packets are marked with")),
      ...(network?.priorities ?? []).map(({ name, priority }) =>
        settingOf("net_prio", "net_prio.ifpriomap", `${name} ${priority}`, `the priority of what it sends by ${name}`),
      ),
      ...rdmaSettings(rdma),
    ],
    warnings:
      memory?.kernel === undefined ? [] : ["linux.resources.memory.kernel is ignored: the kernel limits it with the rest of memory"],
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
