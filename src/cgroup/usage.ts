// What a container has used, from the files of its cgroup: parsers for both versions and docker's arithmetic.
// Reads nothing; which file is read when is in src/kernel/cgroup/usage.ts.

export interface UsageState {
  /** When it was read: milliseconds of a monotonic clock. */
  readonly readMs: number;
  /** docker's: usage without the file cache the kernel would drop first (inactive_file). */
  readonly memoryBytes: number;
  /** The container's limit, or the host's memory when that is less or none is set. */
  readonly memoryLimitBytes: number;
  readonly cpuNanos: number;
  /** CPU time of the whole host, idle too. */
  readonly systemCpuNanos: number;
  readonly onlineCpus: number;
  readonly pids: number;
  /** 0 is no limit. */
  readonly pidsLimit: number;
  readonly blockReadBytes: number;
  readonly blockWriteBytes: number;
  readonly throttled: { readonly periods: number; readonly throttledPeriods: number; readonly nanos: number };
  readonly oomKills: number;
}

/** Lines of `key value`: memory.stat, cpu.stat, memory.events, memory.oom_control ... Other lines are left out. */
export function parseFlat(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^([\w.]+) (-?\d+)$/.exec(line);
    if (match?.[1] !== undefined) values.set(match[1], Number(match[2]));
  }
  return values;
}

/** One number, or `max` (v2) as Infinity; undefined for anything else. */
export function parseNumber(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? "";
  if (trimmed === "max") return Number.POSITIVE_INFINITY;
  return /^-?\d+$/.test(trimmed) ? Number(trimmed) : undefined;
}

/** How often the OOM killer struck: `oom_kill` of memory.oom_control (v1, Linux 4.13) or memory.events (v2); 0 if it is not told. */
export function readOomKills(text: string, version: "v1" | "v2"): number {
  // v1 counts in the group itself, v2 in all below it too; the word is the same.
  const lines = version === "v1" ? text.replaceAll("\t", " ") : text;
  return parseFlat(lines).get("oom_kill") ?? 0;
}

export interface BlockBytes {
  readonly readBytes: number;
  readonly writeBytes: number;
}

/** v1 blkio.*.io_service_bytes_recursive: `8:0 Read 4096` per device and operation, a `Total` at the end. */
export function parseBlkio(text: string): BlockBytes {
  let readBytes = 0;
  let writeBytes = 0;
  for (const line of text.split("\n")) {
    const [, operation, bytes] = /^\d+:\d+ (\w+) (\d+)$/.exec(line) ?? [];
    if (operation === "Read") readBytes += Number(bytes);
    if (operation === "Write") writeBytes += Number(bytes);
  }
  return { readBytes, writeBytes };
}

/**
 * v1 counts the same bytes in the throttle policy and in BFQ, each only while it is in use (throttle: since Linux 5.18),
 * so the greater of both is told, and 0 where neither counts.
 */
function parseLegacyIo(texts: UsageTexts): BlockBytes {
  const throttle = parseBlkio(texts.blockIo ?? "");
  const bfq = parseBlkio(texts.bfqIo ?? "");
  return { readBytes: Math.max(throttle.readBytes, bfq.readBytes), writeBytes: Math.max(throttle.writeBytes, bfq.writeBytes) };
}

/** v2 io.stat: `8:0 rbytes=4096 wbytes=0 rios=1 ...` per device. */
export function parseIoStat(text: string): BlockBytes {
  let readBytes = 0;
  let writeBytes = 0;
  for (const [, key, bytes] of text.matchAll(/\b([rw])bytes=(\d+)/g)) {
    if (key === "r") readBytes += Number(bytes);
    else writeBytes += Number(bytes);
  }
  return { readBytes, writeBytes };
}

/** Texts of a container's cgroup files under neutral names; a file that is not there is left out. */
export interface UsageTexts {
  readonly memoryUsage?: string | undefined;
  readonly memoryLimit?: string | undefined;
  readonly memoryStat?: string | undefined;
  /** memory.oom_control or memory.events */
  readonly memoryEvents?: string | undefined;
  /** v1: cpuacct.usage */
  readonly cpuUsage?: string | undefined;
  readonly cpuStat?: string | undefined;
  readonly pidsCurrent?: string | undefined;
  readonly pidsMax?: string | undefined;
  /** blkio.throttle.io_service_bytes_recursive or io.stat */
  readonly blockIo?: string | undefined;
  /** v1: blkio.bfq.io_service_bytes_recursive */
  readonly bfqIo?: string | undefined;
}

export interface HostUsage {
  readonly readMs: number;
  readonly memoryBytes: number;
  readonly systemCpuNanos: number;
  readonly onlineCpus: number;
}

/** Makes the usage of a container from its files. What a missing controller would tell is 0. */
export function parseUsage(version: "v1" | "v2", texts: UsageTexts, host: HostUsage): UsageState {
  const stat = parseFlat(texts.memoryStat ?? "");
  const cpu = parseFlat(texts.cpuStat ?? "");
  const used = parseNumber(texts.memoryUsage) ?? 0;
  const inactive = stat.get(version === "v1" ? "total_inactive_file" : "inactive_file") ?? 0;
  const pidsMax = parseNumber(texts.pidsMax) ?? 0;
  const block = version === "v1" ? parseLegacyIo(texts) : parseIoStat(texts.blockIo ?? "");
  return {
    readMs: host.readMs,
    memoryBytes: inactive < used ? used - inactive : used,
    memoryLimitBytes: Math.min(parseNumber(texts.memoryLimit) ?? host.memoryBytes, host.memoryBytes),
    cpuNanos: version === "v1" ? (parseNumber(texts.cpuUsage) ?? 0) : (cpu.get("usage_usec") ?? 0) * 1000,
    systemCpuNanos: host.systemCpuNanos,
    onlineCpus: host.onlineCpus,
    pids: parseNumber(texts.pidsCurrent) ?? 0,
    pidsLimit: Number.isFinite(pidsMax) ? pidsMax : 0,
    blockReadBytes: block.readBytes,
    blockWriteBytes: block.writeBytes,
    throttled: {
      periods: cpu.get("nr_periods") ?? 0,
      throttledPeriods: cpu.get("nr_throttled") ?? 0,
      nanos: version === "v1" ? (cpu.get("throttled_time") ?? 0) : (cpu.get("throttled_usec") ?? 0) * 1000,
    },
    oomKills: readOomKills(texts.memoryEvents ?? "", version),
  };
}

export interface UsageStats {
  /** 100 is one CPU fully used. */
  readonly cpuPercent: number;
  /** Of the memory limit. */
  readonly memoryPercent: number;
  readonly intervalMs: number;
}

/**
 * docker's percentages from two readings: the container's share of the host's CPU time in between, times the number of CPUs.
 * 0 when no time went by or a counter ran backwards (the container was restarted).
 */
export function computeStats(previous: UsageState, current: UsageState): UsageStats {
  const used = current.cpuNanos - previous.cpuNanos;
  const system = current.systemCpuNanos - previous.systemCpuNanos;
  return {
    cpuPercent: used > 0 && system > 0 ? (used / system) * current.onlineCpus * 100 : 0,
    memoryPercent: current.memoryLimitBytes > 0 ? (current.memoryBytes / current.memoryLimitBytes) * 100 : 0,
    intervalMs: current.readMs - previous.readMs,
  };
}
