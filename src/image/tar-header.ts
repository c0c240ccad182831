// One header block of tar: ustar, GNU and old formats. Knows nothing of what follows it.
import { TsnsError } from "../base/error.ts";
import type { TarEntry, TarType } from "./tar.ts";

const blockBytes = 512;

const types: Readonly<Record<string, TarType>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  S: "file",
  "1": "link",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
};

/** TsnsError for bytes that are no usable archive. */
export function badArchive(reason: string): TsnsError {
  return new TsnsError("invalid", "bad-archive", `the archive is damaged or no tar archive: ${reason}`, {
    hint: "check the file, for example with: tar -tvf FILE",
  });
}

/** The ustar header without what pax adds. GNU's magic leaves the prefix field to other uses. */
export function parseHeader(header: Buffer, typeflag: string): TarEntry {
  const name = readString(header, 0, 100);
  const type = types[typeflag];
  if (type === undefined) {
    const what = typeflag === "M" ? "a part of a multi-volume archive" : `type ${JSON.stringify(typeflag)}`;
    throw new TsnsError("unsupported", "archive-entry-type", `the archive has an entry tsns cannot unpack: ${name}: ${what}`, {
      hint: "make it again with: tar --format=posix -cf FILE DIRECTORY",
    });
  }
  const isPosix = header.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isPosix ? readString(header, 345, 155) : "";
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    type,
    mode: parseNumber(header, 100, 8, "mode") & 0o7777,
    uid: parseNumber(header, 108, 8, "uid"),
    gid: parseNumber(header, 116, 8, "gid"),
    sizeBytes: type === "file" ? parseNumber(header, 124, 12, "size") : 0,
    mtimeSeconds: parseNumber(header, 136, 12, "mtime"),
    linkPath: readString(header, 157, 100),
    major: type === "char" || type === "block" ? parseNumber(header, 329, 8, "major") : 0,
    minor: type === "char" || type === "block" ? parseNumber(header, 337, 8, "minor") : 0,
    xattrs: new Map(),
  };
}

function readString(header: Buffer, start: number, length: number): string {
  const nul = header.indexOf(0, start);
  return header.toString("latin1", start, nul >= 0 && nul < start + length ? nul : start + length);
}

/** Octal digits, or base 256 when the first bit is set (GNU). */
export function parseNumber(header: Buffer, start: number, length: number, name: string): number {
  const first = header[start] ?? 0;
  if (first & 0x80) {
    let value = BigInt.asIntN(7, BigInt(first & 0x7f));
    for (let at = start + 1; at < start + length; at++) value = (value << 8n) | BigInt(header[at] ?? 0);
    if (value > BigInt(Number.MAX_SAFE_INTEGER) || (value < 0n && name !== "mtime")) throw badArchive(`${name} ${value} is out of range`);
    return Number(value);
  }
  const text = readString(header, start, length).trim();
  if (text === "") return 0;
  if (!/^[0-7]+$/.test(text)) throw badArchive(`${name} ${JSON.stringify(text)} is no octal number`);
  return Number.parseInt(text, 8);
}

/** The sum of all header bytes, its own field counted as spaces; old writers summed signed bytes. */
export function verifyChecksum(header: Buffer): void {
  let unsigned = 0;
  let signed = 0;
  for (let at = 0; at < blockBytes; at++) {
    const byte = at >= 148 && at < 156 ? 32 : (header[at] ?? 0);
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const expected = parseNumber(header, 148, 8, "checksum");
  if (expected !== unsigned && expected !== signed) throw badArchive("a header has a wrong checksum");
}

export function isZero(header: Buffer): boolean {
  return header.every((byte) => byte === 0);
}
