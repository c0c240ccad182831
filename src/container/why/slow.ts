// What slows a container down, from the files of its groups and of the host: what was held back, what is short, and which value would have been
// enough. Pure.
import { formatBytes } from "../../base/unit.ts";
import { parseFlat, parseNumber } from "../../cgroup/usage.ts";
import type { GroupEvidence } from "../death.ts";
import { type Claim, claim } from "./claim.ts";
import { limitFailures, limitOf } from "./memory.ts";
import { type Pressure, parsePressure } from "./pressure.ts";

export interface SlowQuestion {
  readonly name: string;
  readonly group: GroupEvidence;
  /** Pressure of the container's own group, or of the host where groups have none: cpu, memory, io. */
  readonly pressure: { readonly of: "container" | "host"; readonly texts: Readonly<Record<string, string>> } | undefined;
  readonly onlineCpus: number;
}

/** All that was found; never empty. */
export function judgeSlow(question: SlowQuestion): Claim[] {
  const found = [...cpuClaims(question), ...memoryClaims(question), ...pidsClaims(question), ...pressureClaims(question)];
  const held = found.some(({ cause }) => cause !== "memory-split" && cause !== "no-pressure");
  return held ? found : [claim("likely", "not-limited", "nothing here holds it back: no limit was reached"), ...found];
}

/** Microseconds of a period and of the quota in it; undefined without a quota. */
function quotaOf({ version, texts }: GroupEvidence): { readonly quota: number; readonly period: number } | undefined {
  const [quotaText, periodText] = version === "v2" ? (texts.cpuMax ?? "").split(" ") : [texts.cpuQuota, texts.cpuPeriod];
  const [quota, period] = [parseNumber(quotaText), parseNumber(periodText)];
  return quota === undefined || period === undefined || quota <= 0 || !Number.isFinite(quota) ? undefined : { quota, period };
}

function cpuClaims({ name, group, onlineCpus }: SlowQuestion): Claim[] {
  const stat = parseFlat(group.texts.cpuStat ?? "");
  const [periods, throttled] = [stat.get("nr_periods") ?? 0, stat.get("nr_throttled") ?? 0];
  const limit = quotaOf(group);
  if (throttled === 0 || periods === 0) return [];
  const waitedMs = group.version === "v1" ? (stat.get("throttled_time") ?? 0) / 1e6 : (stat.get("throttled_usec") ?? 0) / 1e3;
  const percent = Math.round((throttled / periods) * 100);
  const evidence = [`cpu.stat: nr_periods ${periods}, nr_throttled ${throttled}, throttled ${Math.round(waitedMs)} ms`];
  if (!limit)
    return [claim("proved", "cpu-throttled", `its limit of CPU, since taken away, held it back in ${percent}% of the periods`, evidence)];
  const cpus = limit.quota / limit.period;
  const enough = enoughCpus(limit, throttled, waitedMs, onlineCpus);
  return [
    claim(
      "proved",
      "cpu-throttled",
      `its limit of ${round(cpus)} CPUs held it back in ${throttled} of ${periods} periods (${percent}%)`,
      evidence,
      `tsns update --cpus ${round(enough)} ${name} would have been enough`,
    ),
  ];
}

/** At most one decimal above what is needed. */
const round = (cpus: number): number => Math.ceil(cpus * 100 - 1e-6) / 100;

/**
 * In a throttled period the whole quota was used before its end: the same pace through the whole of it would have taken
 * quota * period / (period - waited). More than all CPUs nobody can use.
 */
function enoughCpus(
  { quota, period }: { readonly quota: number; readonly period: number },
  throttled: number,
  waitedMs: number,
  onlineCpus: number,
): number {
  // the waiting of every CPU is added up
  const waitedMicros = (waitedMs * 1000) / throttled;
  const lanes = Math.max(1, Math.ceil(quota / period));
  const waited = Math.min(waitedMicros / lanes, period * 0.95);
  const wanted = (quota / period) * (period / (period - waited));
  return Math.min(Math.max(wanted, (quota / period) * 1.05), onlineCpus);
}

/** Bytes of each kind of memory, largest first. */
function splitMemory({ version, texts }: GroupEvidence): readonly { readonly kind: string; readonly bytes: number }[] {
  const stat = parseFlat(texts.memoryStat ?? "");
  const of = (legacy: string, unified: string) => stat.get(version === "v1" ? legacy : unified) ?? 0;
  const shared = of("total_shmem", "shmem");
  const kinds = [
    { kind: "processes' own", bytes: of("total_rss", "anon") },
    { kind: "files (can be dropped)", bytes: Math.max(of("total_cache", "file") - shared, 0) },
    { kind: "tmpfs and shared", bytes: shared },
    { kind: "kernel's", bytes: stat.get("kernel") ?? stat.get("slab") ?? 0 },
    { kind: "swapped out", bytes: of("total_swap", "swap") },
  ];
  return kinds.filter(({ bytes }) => bytes > 0).sort((a, b) => b.bytes - a.bytes);
}

function memoryClaims({ name, group }: SlowQuestion): Claim[] {
  const split = splitMemory(group)
    .map(({ kind, bytes }) => `${kind} ${formatBytes(bytes)}`)
    .join(", ");
  const found = split === "" ? [] : [claim("proved", "memory-split", `its memory: ${split}`)];
  const [failures, limit] = [limitFailures(group), limitOf(group)];
  if (failures === 0 || limit === undefined) return found;
  const usage = parseNumber(group.texts.memoryUsage) ?? limit;
  const files = splitMemory(group).find(({ kind }) => kind.startsWith("files"))?.bytes ?? 0;
  const refaults = refaultBytes(group);
  // What was dropped and read again would have stayed; without such a count half as much again.
  const enough = Math.max(limit, usage) + (refaults > 0 ? Math.min(refaults, limit) : Math.round(limit / 2));
  return [
    ...found,
    claim(
      refaults > 0 ? "proved" : "likely",
      "memory-short",
      `its memory limit of ${formatBytes(limit)} was reached ${failures} times: each time it waited until memory was freed`,
      [
        `in use ${formatBytes(usage)}, of it files ${formatBytes(files)}`,
        ...(refaults > 0 ? [`${formatBytes(refaults)} of file pages were dropped and read again`] : []),
      ],
      `tsns update --memory ${Math.ceil(enough / 1024 ** 2)}m ${name} would have been enough${refaults > 0 ? "" : ", as far as can be told"}`,
    ),
  ];
}

const pageBytes = 4096;

function refaultBytes({ version, texts }: GroupEvidence): number {
  const stat = parseFlat(texts.memoryStat ?? "");
  const prefix = version === "v1" ? "total_" : "";
  const pages = ["workingset_refault_file", "workingset_refault_anon", "workingset_refault"].map((key) => stat.get(`${prefix}${key}`) ?? 0);
  return pages.reduce((sum, count) => sum + count, 0) * pageBytes;
}

function pidsClaims({ name, group: { texts } }: SlowQuestion): Claim[] {
  const limit = parseNumber(texts.pidsMax) ?? Number.POSITIVE_INFINITY;
  if (!Number.isFinite(limit)) return [];
  const current = parseNumber(texts.pidsCurrent) ?? 0;
  const peak = Math.max(parseNumber(texts.pidsPeak) ?? 0, current);
  const refused = parseFlat(texts.pidsEvents ?? "").get("max") ?? 0;
  if (refused > 0) {
    const text = `its limit of ${limit} processes and threads was reached: ${refused} times it was refused another`;
    const enough = `tsns update --pids-limit ${limit + refused} ${name} would have been enough`;
    return [claim("proved", "pids-short", text, [`pids.events: max ${refused}`, `now ${current}`], enough)];
  }
  if (peak < limit * 0.9) return [];
  const text = `it is close to its limit of ${limit} processes and threads`;
  return [claim("proved", "pids-near", text, [`now ${current}, at most ${peak} so far`], `tsns update --pids-limit ${limit * 2} ${name}`)];
}

/** Percent of the last minute below which waiting is no news. */
const noticeable = 5;

function pressureClaims({ pressure }: SlowQuestion): Claim[] {
  if (!pressure) return [claim("unknown", "no-pressure", "how much it waited: this kernel keeps no pressure figures (PSI)")];
  return Object.entries(pressure.texts).flatMap(([what, text]) => {
    const read = parsePressure(text);
    return read && read.some60 >= noticeable ? [pressureClaim(what, pressure.of, read)] : [];
  });
}

const words: Readonly<Record<string, string>> = { cpu: "for a CPU", memory: "for memory", io: "for disks" };

function pressureClaim(what: string, of: "container" | "host", { some60, full60, someMicros }: Pressure): Claim {
  const who = of === "container" ? "processes in it" : "processes on this host";
  return claim(
    of === "container" ? "proved" : "likely",
    `${what}-pressure`,
    `${who} waited ${words[what] ?? what} ${some60}% of the last minute`,
    [`${what} pressure: some ${some60}%, full ${full60}%, ${Math.round(someMicros / 1e6)} s in all`],
  );
}
