// Resources as files of cgroup v2: the specification speaks of v1, whose numbers are translated (runtime-spec 1.2, config-linux.md, Control groups;
// Documentation/admin-guide/cgroup-v2.rst). Pure.
import { TsnsError } from "../../base/error.ts";
import { weightOfShares } from "../../cgroup/plan-v2.ts";
import { renderWeight } from "../../cgroup/weight.ts";
import type { RuntimeBlockIo, RuntimeCpu, RuntimeMemory, RuntimeResources } from "../config/resource.ts";
import { burstOf, burstOrder, defaultPeriod, sharesOf } from "./cpu.ts";
import { rdmaSettings } from "./legacy.ts";
import { type GroupFiles, type GroupSetting, type GroupSettings, hugepageSettings, settingIf, settingOf } from "./setting.ts";

/** What is set already, of what is written together with something else. */
export interface UnifiedNow {
  /** memory.max; absent: none. */
  readonly memoryLimit?: bigint;
  /** cpu.max */
  readonly cpuQuota?: bigint;
  readonly cpuPeriod?: bigint;
  /** cpu.max.burst */
  readonly cpuBurst?: bigint;
}

const orMax = (value: bigint): bigint | string => (value < 0n ? "max" : value);

/** v2 limits swap by itself. Of v1 no limit of memory is one of neither. */
function swapOf({ limit, swap }: RuntimeMemory, now: UnifiedNow): bigint | string | undefined {
  if (swap === undefined || swap === 0n) return limit !== undefined && limit < 0n ? "max" : undefined;
  if (swap < 0n) return "max";
  const memory = limit ?? now.memoryLimit;
  if (memory === undefined || memory < 0n || swap < memory) {
    const what = memory === undefined || memory < 0n ? "no limit of memory" : `a memory limit of ${memory}`;
    throw new TsnsError(
      "invalid",
      "swap-below-memory",
      `linux.resources.memory.swap ${swap} is for memory and swap together, with ${what}`,
      {
        hint: "give linux.resources.memory.limit as well, and not more than swap",
      },
    );
  }
  return swap - memory;
}

function memorySettings(memory: RuntimeMemory, now: UnifiedNow, { hasSwap = true }: GroupFiles): GroupSetting[] {
  const swap = swapOf(memory, now);
  // Where there is none, none is used.
  const isMoot = !hasSwap && (swap === "max" || swap === 0n);
  return [
    ...settingIf(isMoot ? undefined : swap, (value) =>
      settingOf("memory", "memory.swap.max", value, "the swap limit: v2 counts swap by itself"),
    ),
    ...settingIf(memory.limit, (value) => settingOf("memory", "memory.max", orMax(value), "the memory limit")),
    ...settingIf(memory.reservation, (value) =>
      settingOf("memory", "memory.low", value < 0n ? "max" : value, "the memory kept under pressure"),
    ),
  ];
}

function cpuSettings(cpu: RuntimeCpu, now: UnifiedNow, files: GroupFiles): GroupSetting[] {
  const quota = cpu.quota ?? now.cpuQuota ?? -1n;
  const period = cpu.period ?? now.cpuPeriod ?? defaultPeriod;
  const isTimed = cpu.quota !== undefined || cpu.period !== undefined;
  const time = isTimed
    ? [settingOf("cpu", "cpu.max", `${quota <= 0n ? "max" : quota} ${period || defaultPeriod}`, "the CPU time allowed per period")]
    : [];
  const burst = settingIf(burstOf(cpu, files), (value) => settingOf("cpu", "cpu.max.burst", value, "the time that may be saved up"));
  return [
    ...settingIf(cpu.idle, (value) => settingOf("cpu", "cpu.idle", value, "it runs when nobody else does")),
    ...settingIf(sharesOf(cpu), (shares) =>
      settingOf("cpu", "cpu.weight", weightOfShares(Number(shares)), `${shares} shares as the weight of v2`),
    ),
    ...burstOrder(cpu, now, burst, time),
    ...settingIf(cpu.cpus || undefined, (list) => settingOf("cpuset", "cpuset.cpus", list, "the CPUs its processes may run on")),
    ...settingIf(cpu.mems || undefined, (list) => settingOf("cpuset", "cpuset.mems", list, "the memory nodes its processes may use")),
  ];
}

function blockSettings(block: RuntimeBlockIo, weightFile: string): GroupSetting[] {
  const set = (file: string, value: string, because: string) => settingOf("io", file, value, because);
  const rates = [
    ["rbps", block.throttleReadBps],
    ["wbps", block.throttleWriteBps],
    ["riops", block.throttleReadIops],
    ["wiops", block.throttleWriteIops],
  ] as const;
  return [
    ...settingIf(block.weight || undefined, (weight) =>
      set(weightFile, renderWeight(weightFile, weight), "the share of block I/O against other groups"),
    ),
    ...block.weightDevice.flatMap(({ major, minor, weight }) =>
      settingIf(weight, (value) =>
        set(weightFile, `${major}:${minor} ${renderWeight(weightFile, value)}`, `its share of device ${major}:${minor}`),
      ),
    ),
    ...rates.flatMap(([word, limits]) =>
      limits.map(({ major, minor, rate }) =>
        // 0 is none, as in v1.
        set("io.max", `${major}:${minor} ${word}=${rate > 0n ? rate : "max"}`, `what device ${major}:${minor} gives per second`),
      ),
    ),
  ];
}

/** What v2 has no file for; that the kernel limits nothing there is no error by the specification, as these are hints or v1's own. */
function missing({ memory, cpu, blockIo, network }: RuntimeResources): string[] {
  const lost: readonly (readonly [boolean, string])[] = [
    [memory?.kernel !== undefined, "memory.kernel"],
    [memory?.kernelTcp !== undefined, "memory.kernelTCP"],
    [memory?.swappiness !== undefined, "memory.swappiness"],
    [memory?.disableOomKiller === true, "memory.disableOOMKiller"],
    [Boolean(cpu?.realtimePeriod), "cpu.realtimePeriod"],
    [Boolean(cpu?.realtimeRuntime), "cpu.realtimeRuntime"],
    [Boolean(blockIo?.leafWeight), "blockIO.leafWeight"],
    [network?.classId !== undefined, "network.classID"],
    [(network?.priorities.length ?? 0) > 0, "network.priorities"],
  ];
  return lost.flatMap(([asked, name]) => (asked ? [`linux.resources.${name} is ignored: cgroup v2 has nothing like it`] : []));
}

export function unifiedSettings(resources: RuntimeResources, now: UnifiedNow, files: GroupFiles = {}): GroupSettings {
  const { memory, cpu, pids, blockIo, hugepageLimits, rdma, unified } = resources;
  return {
    settings: [
      ...(memory ? memorySettings(memory, now, files) : []),
      ...(cpu ? cpuSettings(cpu, now, files) : []),
      ...settingIf(pids?.limit, (limit) => settingOf("pids", "pids.max", limit > 0n ? limit : "max", "the limit of processes and threads")),
      ...(blockIo ? blockSettings(blockIo, files.weightFile ?? "io.weight") : []),
      ...hugepageSettings(hugepageLimits, "max", files),
      ...rdmaSettings(rdma),
      // What was said in v2's own words comes last, and so holds.
      ...Object.entries(unified).map(([file, value]) => settingOf(file.split(".", 1)[0] ?? "", file, value, `${file} as it was asked for`)),
    ],
    warnings: missing(resources),
  };
}
