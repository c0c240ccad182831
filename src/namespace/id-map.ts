// Id maps of user namespaces (user_namespaces(7)): parsed, written by people, and followed in both directions. Pure.
import { TsnsError } from "../base/error.ts";

/** `count` ids from `inner` in the namespace are those from `outer` outside. */
export interface IdExtent {
  readonly inner: number;
  readonly outer: number;
  readonly count: number;
}

/** What the kernel shows for an id that is not mapped: files and processes get it (/proc/sys/kernel/overflowuid). */
export const overflowId = 65_534;
/** (uid_t) -1, which is no id. */
const invalidId = 4_294_967_295;
/** user_namespaces(7), since Linux 4.15. */
const maxExtents = 340;

/** Parses /proc/PID/uid_map or gid_map. Extents whose outer ids are out of the reader's sight are left out. */
export function parseIdMap(text: string): readonly IdExtent[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*$/.exec(line);
    if (!match) return [];
    const [inner = 0, outer = 0, count = 0] = match.slice(1).map(Number);
    return outer === invalidId || count === 0 ? [] : [{ inner, outer, count }];
  });
}

/** As the kernel takes them. */
export function renderIdMap(map: readonly IdExtent[]): string {
  return map.map(({ inner, outer, count }) => `${inner} ${outer} ${count}`).join("\n");
}

/** The id outside; undefined when it is not mapped. */
export function outerId(map: readonly IdExtent[], inner: number): number | undefined {
  const extent = map.find((candidate) => inner >= candidate.inner && inner < candidate.inner + candidate.count);
  return extent && extent.outer + (inner - extent.inner);
}

/** The id inside; undefined when it is not mapped. */
export function innerId(map: readonly IdExtent[], outer: number): number | undefined {
  const extent = map.find((candidate) => outer >= candidate.outer && outer < candidate.outer + candidate.count);
  return extent && extent.inner + (outer - extent.outer);
}

function badMap(word: string, why: string): TsnsError {
  return new TsnsError("invalid", "bad-id-map", `invalid id map "${word}": ${why}`, {
    hint: "write INNER:OUTER:COUNT, such as 0:100000:65536",
    exitCode: 2,
  });
}

/** Parses words INNER:OUTER[:COUNT] of a command line. Throws TsnsError invalid for what the kernel would refuse. */
export function parseIdMapWords(words: readonly string[]): readonly IdExtent[] {
  const map = words.map((word) => {
    const match = /^(\d{1,10}):(\d{1,10})(?::(\d{1,10}))?$/.exec(word);
    if (!match) throw badMap(word, "three numbers are needed");
    const extent = { inner: Number(match[1]), outer: Number(match[2]), count: Number(match[3] ?? 1) };
    if (extent.count === 0) throw badMap(word, "it maps nothing");
    if (Math.max(extent.inner, extent.outer) + extent.count > invalidId) throw badMap(word, "ids end at 4294967294");
    return extent;
  });
  if (map.length > maxExtents) throw badMap(words[0] ?? "", `there are ${map.length}, the kernel takes ${maxExtents}`);
  for (const side of ["inner", "outer"] as const) {
    const sorted = [...map].sort((one, other) => one[side] - other[side]);
    const clash = sorted.find((extent, at) => at > 0 && extent[side] < (sorted[at - 1]?.[side] ?? 0) + (sorted[at - 1]?.count ?? 0));
    if (clash) throw badMap(`${clash.inner}:${clash.outer}:${clash.count}`, "it overlaps another");
  }
  return map;
}
