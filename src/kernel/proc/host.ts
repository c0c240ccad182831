// Figures of the whole host from /proc: CPU time, boot time, memory, boot id. Parsers beside their readers.
import { readFileSync } from "node:fs";

/** USER_HZ: what /proc counts CPU time and start times in. 100 on all architectures Node runs on (proc_stat(5)). */
export const ticksPerSecond = 100;

const nanosPerTick = 1e9 / ticksPerSecond;

export interface HostCpu {
  /** user, nice, system, idle, iowait, irq and softirq of all CPUs together: docker's sum, without steal and guest. */
  readonly totalNanos: number;
  readonly onlineCpus: number;
  /** Boot time, seconds since the epoch; changes when the clock is set. */
  readonly bootSeconds: number;
}

/** Parses /proc/stat. */
export function parseHostCpu(text: string): HostCpu {
  // Behind the lines of CPUs stand thousands of interrupts.
  const all = /^cpu +(.*)$/m.exec(text)?.[1]?.split(/ +/) ?? [];
  const ticks = all.slice(0, 7).reduce((sum, value) => sum + (Number(value) || 0), 0);
  const onlineCpus = text.slice(0, text.indexOf("intr")).match(/^cpu\d+ /gm)?.length ?? 0;
  return { totalNanos: ticks * nanosPerTick, onlineCpus, bootSeconds: Number(/^btime (\d+)$/m.exec(text)?.[1] ?? 0) };
}

export function readHostCpu(): HostCpu {
  return parseHostCpu(readFileSync("/proc/stat", "utf8"));
}

/** Values of /proc/meminfo in bytes (the kernel's kB are KiB). */
export function parseMeminfo(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^([^:]+): +(\d+)( kB)?$/.exec(line);
    if (match?.[1] !== undefined) values.set(match[1], Number(match[2]) * (match[3] ? 1024 : 1));
  }
  return values;
}

/** MemTotal in bytes. */
export function readMemoryTotal(): number {
  return parseMeminfo(readFileSync("/proc/meminfo", "utf8")).get("MemTotal") ?? 0;
}

/** Random id of this boot: what a pid and its start time are valid within. */
export function readBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
