// An archive whose members are read in any order: a plain tar on disk, indexed by its headers without reading the contents.
// What is compressed or comes through a pipe is first written to a file of its own.
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { cleanMember } from "../../image/archive.ts";
import { openTarReader, type TarEntry } from "../../image/tar.ts";
import { badArchive } from "../../image/tar-header.ts";
import type { UnpackLimits } from "../../image/unpack-limit.ts";
import { toText } from "./path.ts";
import { decompressWithin } from "./read-tar.ts";
import { fsError } from "./resolve.ts";
import { type Chunks, detectCompression, openFile, readFileChunks, readRange, untilAborted } from "./stream.ts";

const blockBytes = 512;
/** Limit of members read as a whole: indexes and configurations. */
const textBytesMax = 16 << 20;
/** A thousand images of a hundred layers have fewer. Positions of more would take memory without end. */
const membersMax = 100_000;

export interface ArchiveFile extends Disposable {
  has(member: string): boolean;
  /** A small member as text. Throws TsnsError invalid `bad-archive` when it is missing or over 16 MiB. */
  readText(member: string): string;
  /** Size of a member in bytes. Throws as `readText`. */
  sizeOf(member: string): number;
  /** The bytes of a member. */
  stream(member: string): AsyncIterable<Buffer>;
}

interface Member {
  readonly offset: number;
  readonly sizeBytes: number;
  /** Another member that this one is a link to. */
  readonly link?: string;
}

/** Opens a file (or its bytes, spooled to `spoolPath` if need be). Throws KernelError for a file that cannot be read. */
export async function openArchive(
  source: string | Chunks,
  spoolPath: string,
  signal?: AbortSignal,
  limits?: UnpackLimits,
): Promise<ArchiveFile> {
  return openIndexed((typeof source === "string" ? openPlain(source) : undefined) ?? (await spool(source, spoolPath, signal, limits)));
}

/** Opens a file that can be read as it is; undefined for one that `openArchive` would copy first. */
export function tryOpenArchive(path: string): ArchiveFile | undefined {
  const fd = openPlain(path);
  return fd === undefined ? undefined : openIndexed(fd);
}

function openIndexed(fd: number): ArchiveFile {
  let members: ReadonlyMap<string, Member>;
  try {
    members = indexMembers(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  const find = (name: string): Member | undefined => {
    let member = members.get(cleanMember(name));
    for (let links = 0; member?.link !== undefined && links < 8; links++) member = members.get(member.link);
    return member?.link === undefined ? member : undefined;
  };
  const need = (name: string): Member => {
    const member = find(name);
    if (!member) throw missing(name);
    return member;
  };
  return {
    has: (name) => find(name) !== undefined,
    readText(name) {
      const { offset, sizeBytes } = need(name);
      if (sizeBytes > textBytesMax) throw badArchive(`${name} has ${sizeBytes} bytes`);
      const bytes = Buffer.alloc(sizeBytes);
      readSync(fd, bytes, 0, sizeBytes, offset);
      return bytes.toString("utf8");
    },
    sizeOf: (name) => need(name).sizeBytes,
    stream(name) {
      const { offset, sizeBytes } = need(name);
      return readRange(fd, offset, sizeBytes);
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}

/** A descriptor of a regular file that is not compressed; undefined for others. */
function openPlain(path: string): number | undefined {
  const { fd, isRegular } = openFile(path);
  const first = Buffer.alloc(8);
  if (isRegular) {
    readSync(fd, first, 0, first.length, 0);
    if (detectCompression(first) === "none") return fd;
  }
  closeSync(fd);
  return undefined;
}

async function spool(source: string | Chunks, path: string, signal: AbortSignal | undefined, limits?: UnpackLimits): Promise<number> {
  const fd = openSync(path, "wx+", 0o600);
  try {
    for await (const chunk of decompressWithin(
      untilAborted(typeof source === "string" ? readFileChunks(source) : source, signal),
      limits,
    )) {
      for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at, chunk.length - at);
    }
    return fd;
  } catch (error) {
    closeSync(fd);
    throw fsError("write", error, "the archive's temporary copy");
  }
}

/** Positions of all files and links; a later member of a name replaces an earlier one. */
function indexMembers(fd: number): Map<string, Member> {
  const members = new Map<string, Member>();
  let position = 0;
  const note = (entry: TarEntry) => {
    if (members.size >= membersMax) throw tooMany();
    const name = cleanMember(toText(entry.path));
    // a member with holes is none that an image refers to
    if (entry.sparse) members.delete(name);
    else if (entry.type === "file") members.set(name, { offset: position + blockBytes, sizeBytes: entry.sizeBytes });
    else if (entry.type === "symlink")
      members.set(name, { offset: 0, sizeBytes: 0, link: cleanMember(`${name}/../${toText(entry.linkPath)}`) });
    else if (entry.type === "link") members.set(name, { offset: 0, sizeBytes: 0, link: cleanMember(toText(entry.linkPath)) });
  };
  const reader = openTarReader({ entry: note, data() {}, end() {} });
  const block = Buffer.alloc(blockBytes);
  while (!reader.ended) {
    const count = readSync(fd, block, 0, blockBytes, position);
    if (count < blockBytes) {
      if (count > 0) reader.push(block.subarray(0, count));
      break;
    }
    reader.push(block);
    position += blockBytes + reader.skip();
  }
  reader.finish();
  return members;
}

function tooMany(): TsnsError {
  return new TsnsError("invalid", "bad-archive", `the archive holds no images: it has more than ${membersMax} members`, {
    hint: "a plain root file system is for tsns import",
  });
}

function missing(name: string): TsnsError {
  return badArchive(`${name}, which it refers to, is not in it`);
}
