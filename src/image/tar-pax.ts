// Extended headers of tar (pax(1)): records as bytes, and what they change in an entry.
import { TsnsError } from "../base/error.ts";
import type { TarEntry } from "./tar.ts";

/** Values stay bytes: extended attributes are binary. */
export type PaxRecords = Map<string, Buffer>;

const schilyPrefix = "SCHILY.xattr.";
const libarchivePrefix = "LIBARCHIVE.xattr.";

/**
 * Parses `<length> <key>=<value>\n` records. The map of a sparse file in the format 0.0 comes as repeated records, which are joined to that
 * of 0.1. Throws TsnsError invalid `bad-archive`.
 */
export function parsePax(bytes: Buffer): PaxRecords {
  const records: PaxRecords = new Map();
  const map: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const digits = bytes.toString("latin1", at, space < 0 ? at : space);
    const end = at + Number(digits);
    const equals = bytes.indexOf(0x3d, space);
    if (!/^[1-9]\d{0,9}$/.test(digits) || end > bytes.length || bytes[end - 1] !== 0x0a || equals < 0 || equals >= end) {
      throw badPax("a record is malformed");
    }
    const key = bytes.toString("utf8", space + 1, equals);
    const value = bytes.subarray(equals + 1, end - 1);
    if (key === "GNU.sparse.offset" || key === "GNU.sparse.numbytes") map.push(value.toString("latin1"));
    else records.set(key, value);
    at = end;
  }
  if (map.length > 0) records.set("GNU.sparse.map", Buffer.from(map.join(","), "latin1"));
  return records;
}

/** The entry with global records, then its own, laid over its header. An empty value takes a record back. */
export function applyPax(header: TarEntry, global: PaxRecords, local: PaxRecords): TarEntry {
  if (global.size === 0 && local.size === 0) return checked(header);
  const records: PaxRecords = new Map([...global, ...local]);
  const text = (key: string, otherwise: string): string => {
    const value = records.get(key);
    return value === undefined || value.length === 0 ? otherwise : value.toString("latin1");
  };
  const number = (key: string, otherwise: number): number => {
    const value = text(key, "");
    if (value === "") return otherwise;
    if (!/^-?\d+(?:\.\d*)?$/.test(value)) throw badPax(`${key} ${JSON.stringify(value)} is no number`);
    return Number(value);
  };
  return checked({
    ...header,
    path: text("path", header.path),
    linkPath: text("linkpath", header.linkPath),
    uid: number("uid", header.uid),
    gid: number("gid", header.gid),
    sizeBytes: header.type === "file" ? number("size", header.sizeBytes) : 0,
    mtimeSeconds: number("mtime", header.mtimeSeconds),
    ...nanosecondsOf(text("mtime", "")),
    xattrs: xattrsOf(records),
  });
}

/** The fraction of a time to the nanosecond, which a number of seconds does not hold; a negative time counts up from the second before. */
function nanosecondsOf(time: string): { mtimeNanoseconds?: number } {
  const digits = /\.(\d+)$/.exec(time)?.[1];
  if (digits === undefined || !/[1-9]/.test(digits.slice(0, 9))) return {};
  const fraction = Number(digits.slice(0, 9).padEnd(9, "0"));
  return { mtimeNanoseconds: time.startsWith("-") ? 1e9 - fraction : fraction };
}

/** The entry, if its numbers and names can be used. Throws TsnsError invalid `bad-archive`. */
export function checked(entry: TarEntry): TarEntry {
  const isId = (id: number) => Number.isInteger(id) && id >= 0 && id < 2 ** 32 - 1;
  if (!isId(entry.uid) || !isId(entry.gid)) throw badPax(`${entry.path} belongs to ${entry.uid}:${entry.gid}, which is no user and group`);
  if (!Number.isSafeInteger(entry.sizeBytes) || entry.sizeBytes < 0) throw badPax(`${entry.path} has the size ${entry.sizeBytes}`);
  if (entry.path.includes("\0") || entry.linkPath.includes("\0")) throw badPax("a name contains a NUL byte");
  // old tar marks directories by the slash alone; only the complete name tells
  return entry.type === "file" && entry.path.endsWith("/") ? { ...entry, type: "directory" } : entry;
}

/** star's form (GNU tar, Go) holds the bytes themselves, libarchive's base64 under a percent-encoded name. */
function xattrsOf(records: PaxRecords): ReadonlyMap<string, Buffer> {
  const xattrs = new Map<string, Buffer>();
  for (const [key, value] of records) {
    if (key.startsWith(schilyPrefix)) xattrs.set(key.slice(schilyPrefix.length), value);
    else if (key.startsWith(libarchivePrefix) && !xattrs.has(decodeName(key))) {
      xattrs.set(decodeName(key), Buffer.from(value.toString("latin1"), "base64"));
    }
  }
  return xattrs;
}

function decodeName(key: string): string {
  const name = key.slice(libarchivePrefix.length);
  return name.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function badPax(reason: string): TsnsError {
  return new TsnsError("invalid", "bad-archive", `the archive is damaged: ${reason}`, {
    hint: "check the file, for example with: tar -tvf FILE",
  });
}
