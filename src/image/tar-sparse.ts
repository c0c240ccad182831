// Files with holes in tar: GNU's old header ('S' and its extension blocks) and the pax forms 0.0, 0.1 and 1.0 (GNU tar manual, "Sparse
// Formats"). Gives where the data of an entry belongs; knows nothing of files. Maps are checked: ascending, inside the file, complete.
import { TsnsError } from "../base/error.ts";
import { badArchive, parseNumber } from "./tar-header.ts";

/** A run of data in the file; between runs there are zeros. */
export interface Extent {
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface SparseMap {
  /** Of the file, holes included. */
  readonly sizeBytes: number;
  /** In order, without empty ones. */
  readonly extents: readonly Extent[];
}

/** What pax records say; without `extents` the map stands before the data (1.0). */
export interface PaxSparse {
  readonly path: string | undefined;
  readonly sizeBytes: number;
  readonly extents?: readonly Extent[];
}

/** A map must not become memory: as many extents as GNU tar writes for a file of 100 GB that is all holes of 100 KiB. */
const extentsMax = 1_000_000;
const entryBytes = 24;

/** The map of one sparse file, as far as it has been read. */
export interface SparseReading {
  /** Where its rest stands, in whole blocks: before the data, or in it. */
  readonly rest: "none" | "extension" | "map";
  /** A name that is better than the header's. */
  readonly path: string | undefined;
  /** Takes a block of the rest; true when it was the last. */
  push(block: Buffer): boolean;
  /** Judges it. `dataBytes` is what the archive holds of the file. Throws TsnsError invalid `bad-archive`. */
  finish(dataBytes: number): SparseMap;
}

/** From the header of a file and what pax records say of it; undefined when it has no holes. */
export function openSparse(header: Buffer, typeflag: string, pax: PaxSparse | undefined): SparseReading | undefined {
  if (!pax) return typeflag === "S" ? openOldSparse(header) : undefined;
  const { path, sizeBytes, extents } = pax;
  const reader = extents ? undefined : openSparseMapReader();
  let all = extents ?? [];
  return {
    rest: reader ? "map" : "none",
    path: path === "" ? undefined : path,
    push(block) {
      const read = reader?.push(block);
      all = read ?? all;
      return read !== undefined;
    },
    finish: (dataBytes) => checkSparseMap(sizeBytes, all, dataBytes),
  };
}

/** Four entries in the header, 21 in each extension block. */
function openOldSparse(header: Buffer): SparseReading {
  const sizeBytes = parseNumber(header, 483, 12, "real size");
  const extents = parseEntries(header, 386, 4);
  return {
    rest: header[482] === 0 ? "none" : "extension",
    path: undefined,
    push(block) {
      extents.push(...parseEntries(block, 0, 21));
      if (extents.length > extentsMax) throw badArchive("a sparse map of too many entries");
      return block[504] === 0;
    },
    finish: (dataBytes) => checkSparseMap(sizeBytes, extents, dataBytes),
  };
}

function parseEntries(block: Buffer, start: number, count: number): Extent[] {
  const extents: Extent[] = [];
  for (let at = start; at < start + count * entryBytes && block[at] !== 0; at += entryBytes)
    extents.push({ offset: parseNumber(block, at, 12, "offset"), sizeBytes: parseNumber(block, at + 12, 12, "size") });
  return extents;
}

/** From pax records, undefined for a file without holes. `map` holds `offset,size,...`, also for 0.0 (parsePax joins its records). */
export function parsePaxSparse(records: ReadonlyMap<string, Buffer>): PaxSparse | undefined {
  const text = (key: string) => records.get(`GNU.sparse.${key}`)?.toString("latin1");
  const [major, minor, map] = [text("major"), text("minor"), text("map")];
  const path = text("name");
  if (major === "1" && minor === "0") return { path, sizeBytes: parseDecimal(text("realsize") ?? "", "real size") };
  if (major !== undefined && !(major === "0" && (minor === "0" || minor === "1")))
    throw new TsnsError("unsupported", "archive-entry-type", `the archive has a sparse file in the unknown format ${major}.${minor}`, {
      hint: "make it again without tar's --sparse",
    });
  const size = text("size") ?? text("realsize");
  if (size === undefined) return undefined;
  const numbers = map === undefined || map === "" ? [] : map.split(",").map((number) => parseDecimal(number, "sparse map"));
  return { path, sizeBytes: parseDecimal(size, "real size"), extents: pairUp(numbers) };
}

/** Reads the map of 1.0: numbers, each on a line, the first their count in pairs, padded to whole blocks; the extents when it is complete. */
function openSparseMapReader(): { push(block: Buffer): readonly Extent[] | undefined } {
  const numbers: number[] = [];
  let digits = "";
  let wanted: number | undefined;
  return {
    push(block) {
      const lines = (digits + block.toString("latin1")).split("\n");
      digits = lines.pop() ?? "";
      for (const line of lines) {
        const number = parseDecimal(line, "sparse map");
        if (wanted === undefined) {
          if (number > extentsMax) throw badArchive(`a sparse map of ${number} entries`);
          wanted = number * 2;
        } else if (numbers.length < wanted) numbers.push(number);
        if (numbers.length === wanted) return pairUp(numbers);
      }
      if (digits.length > 20) throw badArchive("a sparse map without an end");
      return undefined;
    },
  };
}

function pairUp(numbers: readonly number[]): Extent[] {
  if (numbers.length % 2 !== 0) throw badArchive("a sparse map with an odd number of entries");
  return Array.from({ length: numbers.length / 2 }, (_, at) => ({
    offset: numbers[at * 2] ?? 0,
    sizeBytes: numbers[at * 2 + 1] ?? 0,
  }));
}

function parseDecimal(text: string, name: string): number {
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(Number(text))) throw badArchive(`${name} ${JSON.stringify(text)} is no number`);
  return Number(text);
}

function checkSparseMap(sizeBytes: number, extents: readonly Extent[], dataBytes: number): SparseMap {
  if (extents.length > extentsMax) throw badArchive("a sparse map of too many entries");
  let end = 0;
  let sum = 0;
  for (const extent of extents) {
    if (extent.offset < end || extent.offset + extent.sizeBytes > sizeBytes) throw badArchive("a sparse map out of order");
    end = extent.offset + extent.sizeBytes;
    sum += extent.sizeBytes;
  }
  if (sum !== dataBytes) throw badArchive(`a sparse map of ${sum} bytes for ${dataBytes} bytes of data`);
  return { sizeBytes, extents: extents.filter((extent) => extent.sizeBytes > 0) };
}
