// What listings show of a group: limits, use and events in one vocabulary. Parses texts of files; reads nothing.
import type { Owner } from "../namespace/owner.ts";
import { type Hierarchy, hierarchyOf } from "./hierarchy.ts";
import type { LimitSpec } from "./limit.ts";
import type { GroupTexts } from "./limit-state.ts";
import { parseBlkio, parseFlat, parseIoStat, parseNumber } from "./usage.ts";

/** One group as lists show it. What costs reading is asked for only where a column wants it. */
export interface GroupRow {
  readonly path: string;
  /** Names of the hierarchies it exists in: v1 controllers, `name=systemd`, "v2". */
  readonly controllers: readonly string[];
  readonly pids: readonly number[];
  readonly owner: Owner | undefined;
  readonly usage: GroupUsage;
  readonly limits: LimitSpec;
}

/** Undefined: the group has no controller that counts it. */
export interface GroupUsage {
  readonly memoryBytes?: number;
  readonly swapBytes?: number;
  readonly memoryPeakBytes?: number;
  readonly cpuNanos?: number;
  /** Threads and processes of this group and those below. */
  readonly tasks?: number;
  readonly readBytes?: number;
  readonly writeBytes?: number;
}

export interface GroupEvents {
  /** Times the memory limit was met; on v1 memory.failcnt. */
  readonly memoryLimitHits?: number;
  readonly oomKills?: number;
  readonly throttledPeriods?: number;
  readonly throttledNanos?: number;
  /** Forks refused by the pids limit. */
  readonly forksRefused?: number;
}

/** Files that hold them, per controller in v1's names. */
export const usageFiles: Readonly<Record<"v1" | "v2", Readonly<Record<string, readonly string[]>>>> = {
  v1: {
    memory: ["memory.usage_in_bytes", "memory.memsw.usage_in_bytes", "memory.max_usage_in_bytes"],
    cpuacct: ["cpuacct.usage"],
    pids: ["pids.current"],
    blkio: ["blkio.throttle.io_service_bytes_recursive", "blkio.bfq.io_service_bytes_recursive"],
  },
  v2: {
    memory: ["memory.current", "memory.swap.current", "memory.peak"],
    cpuacct: ["cpu.stat"],
    pids: ["pids.current"],
    blkio: ["io.stat"],
  },
};

export const eventFiles: Readonly<Record<"v1" | "v2", Readonly<Record<string, readonly string[]>>>> = {
  v1: { memory: ["memory.oom_control", "memory.failcnt"], cpu: ["cpu.stat"], pids: ["pids.events"] },
  v2: { memory: ["memory.events"], cpu: ["cpu.stat"], pids: ["pids.events"] },
};

/** The files of one of these tables that these hierarchies have. */
export function filesFor(table: typeof usageFiles, hierarchies: readonly Hierarchy[]): readonly string[] {
  const unified = hierarchies.find(({ version }) => version === "v2");
  return Object.keys(table.v1).flatMap((controller) => {
    const version = hierarchyOf(hierarchies, controller)?.version ?? (controller === "cpuacct" && unified ? "v2" : undefined);
    return version ? (table[version][controller] ?? []) : [];
  });
}

const finite = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : undefined);

function defined<T extends object>(value: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
}

export function parseGroupUsage(texts: GroupTexts): GroupUsage {
  const number = (file: string) => finite(parseNumber(texts.get(file)));
  const memory = number("memory.usage_in_bytes") ?? number("memory.current");
  const together = number("memory.memsw.usage_in_bytes");
  const throttle = texts.get("blkio.throttle.io_service_bytes_recursive");
  const bfq = texts.get("blkio.bfq.io_service_bytes_recursive");
  const stat = texts.get("io.stat");
  const legacy = [throttle, bfq].flatMap((text) => (text === undefined ? [] : [parseBlkio(text)]));
  const blocks = stat === undefined ? legacy : [parseIoStat(stat)];
  const cpuMicros = parseFlat(texts.get("cpu.stat") ?? "").get("usage_usec");
  return defined<GroupUsage>({
    memoryBytes: memory,
    swapBytes:
      number("memory.swap.current") ?? (together !== undefined && memory !== undefined ? Math.max(together - memory, 0) : undefined),
    memoryPeakBytes: number("memory.max_usage_in_bytes") ?? number("memory.peak"),
    cpuNanos: number("cpuacct.usage") ?? (cpuMicros === undefined ? undefined : cpuMicros * 1000),
    tasks: number("pids.current"),
    // v1 counts the same bytes in two policies, each while it is in use.
    readBytes: blocks.length === 0 ? undefined : Math.max(...blocks.map(({ readBytes }) => readBytes)),
    writeBytes: blocks.length === 0 ? undefined : Math.max(...blocks.map(({ writeBytes }) => writeBytes)),
  });
}

export function parseGroupEvents(texts: GroupTexts): GroupEvents {
  const oom = texts.get("memory.oom_control");
  const memory = parseFlat(texts.get("memory.events") ?? "");
  const cpu = parseFlat(texts.get("cpu.stat") ?? "");
  const micros = cpu.get("throttled_usec");
  return defined<GroupEvents>({
    memoryLimitHits: finite(parseNumber(texts.get("memory.failcnt"))) ?? memory.get("max"),
    oomKills: oom === undefined ? memory.get("oom_kill") : parseFlat(oom).get("oom_kill"),
    throttledPeriods: cpu.get("nr_throttled"),
    throttledNanos: cpu.get("throttled_time") ?? (micros === undefined ? undefined : micros * 1000),
    forksRefused: parseFlat(texts.get("pids.events") ?? "").get("max"),
  });
}

/** Lines of a tree: each path with the branches drawn before its name. Paths in the order of walkGroups, the first one the root. */
export function drawTree(paths: readonly string[]): readonly string[] {
  const [top = "/"] = paths;
  const depthOf = (path: string) => (path === "/" ? 0 : path.split("/").length - 1);
  const base = depthOf(top);
  const depths = paths.map((path) => depthOf(path) - base);
  // From the end: whether something of the same depth follows before one that is less deep.
  const open: boolean[] = [];
  const lines: string[] = [];
  for (let at = paths.length - 1; at >= 0; at--) {
    const depth = depths[at] ?? 0;
    const path = paths[at] ?? "";
    if (depth === 0) {
      lines.push(path);
      continue;
    }
    const stem = Array.from({ length: depth - 1 }, (_, level) => (open[level + 1] ? "│ " : "  ")).join("");
    lines.push(`${stem}${open[depth] ? "├─" : "└─"}${path.slice(path.lastIndexOf("/") + 1)}`);
    open[depth] = true;
    open.length = depth + 1;
  }
  return lines.reverse();
}
