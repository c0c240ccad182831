// The texts of cgroup files that say what was used: their forms, alike in both versions. Reads nothing; the counters of a container that runs
// are in src/kernel/cgroup/counter.ts.

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
