// The tar format as image layers use it: ustar, pax and GNU long names, read by pushing bytes in. Pure: what is done with
// an entry is the sink's business. Paths are byte strings (latin1) and unchecked; whoever unpacks must distrust them.
// tar-stream is not used for layers: it decodes pax values as text, which breaks binary ones such as file capabilities.
import { TsnsError } from "../base/error.ts";
import { applyPax, type PaxRecords, parsePax } from "./tar-pax.ts";

export type TarType = "file" | "directory" | "symlink" | "link" | "char" | "block" | "fifo";

export interface TarEntry {
  /** As written in the archive, one character a byte. */
  readonly path: string;
  readonly type: TarType;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of data that follow; 0 for all but files. */
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  /** Of a symbolic or hard link, one character a byte. */
  readonly linkPath: string;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<string, Buffer>;
}

/** Called in order: entry, data (for files with a size, in pieces that are only valid during the call), end. */
export interface TarSink {
  entry(entry: TarEntry): void;
  data(piece: Buffer): void;
  end(): void;
}

export interface TarReader {
  push(chunk: Buffer): void;
  /** Throws TsnsError invalid `bad-archive` when the archive ends in the middle of something. */
  finish(): void;
}

const blockBytes = 512;
/** Limit of one name or pax header: a hostile size must not become memory. */
const metadataBytesMax = 1 << 20;

const types: Readonly<Record<string, TarType>> = {
  "\0": "file",
  "0": "file",
  "7": "file",
  "1": "link",
  "2": "symlink",
  "3": "char",
  "4": "block",
  "5": "directory",
  "6": "fifo",
};

/** What follows the header: nothing special, data of an entry, or metadata for the next entry. */
type Expect = "header" | "data" | "metadata" | "nothing";

/** Reads one archive. Everything after the end mark (a block of zeros) is ignored, as tar does. */
export function openTarReader(sink: TarSink): TarReader {
  const header = Buffer.alloc(blockBytes);
  let headerBytes = 0;
  let expect: Expect = "header";
  let remaining = 0;
  let padding = 0;
  let metadataType = "";
  let metadata: Buffer[] = [];
  let global: PaxRecords = new Map();
  let local: PaxRecords = new Map();

  const startMetadata = (type: string, sizeBytes: number): void => {
    if (sizeBytes > metadataBytesMax) throw badArchive(`a header of ${sizeBytes} bytes`);
    [expect, metadataType, metadata] = ["metadata", type, []];
  };
  const endMetadata = (): void => {
    const bytes = Buffer.concat(metadata);
    if (metadataType === "g") global = new Map([...global, ...parsePax(bytes)]);
    else if (metadataType === "L") local.set("path", trimNul(bytes));
    else if (metadataType === "K") local.set("linkpath", trimNul(bytes));
    else local = new Map([...local, ...parsePax(bytes)]);
    metadata = [];
  };
  const startEntry = (): void => {
    const type = header.toString("latin1", 156, 157);
    const entry = applyPax(parseHeader(header, type), global, local);
    local = new Map();
    remaining = entry.sizeBytes;
    sink.entry(entry);
    expect = "data";
  };
  const onHeader = (): void => {
    if (isZero(header)) {
      expect = "nothing";
      return;
    }
    verifyChecksum(header);
    const type = header.toString("latin1", 156, 157);
    if ("xgXLKV".includes(type)) {
      remaining = parseNumber(header, 124, 12, "size");
      startMetadata(type, remaining);
    } else startEntry();
    padding = (blockBytes - (remaining % blockBytes)) % blockBytes;
    if (remaining === 0) onEnd();
  };
  const onEnd = (): void => {
    if (expect === "metadata") {
      if (metadataType !== "V") endMetadata();
    } else sink.end();
    expect = "header";
  };

  const push = (chunk: Buffer): void => {
    let at = 0;
    while (at < chunk.length && expect !== "nothing") {
      const left = chunk.length - at;
      if (expect === "header" && padding > 0) {
        const skipped = Math.min(padding, left);
        padding -= skipped;
        at += skipped;
      } else if (expect === "header") {
        const taken = chunk.copy(header, headerBytes, at, at + blockBytes - headerBytes);
        headerBytes += taken;
        at += taken;
        if (headerBytes < blockBytes) continue;
        headerBytes = 0;
        onHeader();
      } else {
        const piece = chunk.subarray(at, at + Math.min(remaining, left));
        at += piece.length;
        remaining -= piece.length;
        if (expect === "data") sink.data(piece);
        else metadata.push(Buffer.from(piece));
        if (remaining === 0) onEnd();
      }
    }
  };
  const finish = (): void => {
    if (expect === "data" || expect === "metadata" || headerBytes > 0 || padding > 0) throw badArchive("it ends in the middle of an entry");
    if (local.size > 0) throw badArchive("it ends after a header that announces an entry");
  };
  return { push, finish };
}

/** TsnsError for bytes that are no usable archive. */
export function badArchive(reason: string): TsnsError {
  return new TsnsError("invalid", "bad-archive", `the archive is damaged or no tar archive: ${reason}`, {
    hint: "check the file, for example with: tar -tvf FILE",
  });
}

/** The ustar header without what pax adds. GNU's magic leaves the prefix field to other uses. */
function parseHeader(header: Buffer, typeflag: string): TarEntry {
  const name = readString(header, 0, 100);
  const type = types[typeflag];
  if (type === undefined) {
    const what =
      typeflag === "S" ? "a GNU sparse file" : typeflag === "M" ? "a part of a multi-volume archive" : `type ${JSON.stringify(typeflag)}`;
    throw new TsnsError("unsupported", "archive-entry-type", `the archive has an entry tsns cannot unpack: ${name}: ${what}`, {
      hint: "make it again with: tar --format=posix -cf FILE DIRECTORY",
    });
  }
  const isPosix = header.toString("latin1", 257, 263) === "ustar\0";
  const prefix = isPosix ? readString(header, 345, 155) : "";
  const path = prefix === "" ? name : `${prefix}/${name}`;
  return {
    path,
    type: type === "file" && path.endsWith("/") ? "directory" : type,
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
function parseNumber(header: Buffer, start: number, length: number, name: string): number {
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
function verifyChecksum(header: Buffer): void {
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

function isZero(header: Buffer): boolean {
  return header.every((byte) => byte === 0);
}

function trimNul(bytes: Buffer): Buffer {
  const nul = bytes.indexOf(0);
  return nul < 0 ? bytes : bytes.subarray(0, nul);
}
