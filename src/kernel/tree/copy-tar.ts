// One file or directory of an open directory as a tar, and a tar unpacked into a tree that is in use: what `cp` does with `-`. Follows no link
// out of either.
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { openTarReader, type TarEntry } from "../../image/tar.ts";
import { renderTarHeader, type TarEntryInput, tarEnd, tarPadding } from "../../image/tar-write.ts";
import { readXattrs } from "../layer/xattr.ts";
import { changed } from "./copy-file.ts";
import { systemError } from "./inside.ts";
import { at, type ByteString, toText } from "./path.ts";
import { archiveNames } from "./resolve.ts";
import { type Chunks, decompress, untilAborted } from "./stream.ts";
import { openUnpacker } from "./unpack.ts";

const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const pieceBytes = 1 << 20;

type Ids = (uid: number, gid: number) => readonly [uid: number, gid: number];

export interface PackOptions {
  readonly ids: Ids;
  readonly write: (bytes: Uint8Array) => void;
  readonly warn: (message: string) => void;
}

interface Packing extends PackOptions {
  readonly links: Map<string, ByteString>;
  readonly rootFd: number;
  readonly buffer: Buffer;
}

/** Writes `name` of a directory as a tar in which it is called `shown`; yields after each entry. */
export function* packTree(directoryFd: number, name: ByteString, shown: ByteString, options: PackOptions): Generator<void> {
  const packing: Packing = { ...options, links: new Map(), rootFd: directoryFd, buffer: Buffer.allocUnsafeSlow(pieceBytes) };
  yield* packEntry(packing, directoryFd, name, shown, name === "." ? "" : name);
  options.write(tarEnd());
}

function* packEntry(packing: Packing, fd: number, name: ByteString, shown: ByteString, from: ByteString): Generator<void> {
  const stat = call("lstat", from, () => lstatSync(at(fd, name)));
  if (!stat.isDirectory()) {
    if (stat.isFile()) packFile(packing, fd, name, shown, from);
    else if (stat.isSocket()) packing.warn(`${toText(from)}: a socket is not copied`);
    else packing.write(renderTarHeader({ ...headerOf(packing, stat, shown), ...specialOf(stat, fd, name) }));
    yield;
    return;
  }
  const own = call("open", from, () => openSync(at(fd, name), directoryFlags));
  try {
    packing.write(renderTarHeader({ ...headerOf(packing, fstatSync(own), `${shown}/`), type: "directory" }));
    yield;
    const prefix = shown.endsWith("/") ? shown : `${shown}/`;
    for (const each of readdirSync(`/proc/self/fd/${own}`, { encoding: "latin1" }).sort())
      yield* packEntry(packing, own, each, `${prefix}${each}`, from === "" ? each : `${from}/${each}`);
  } finally {
    closeSync(own);
  }
}

function headerOf({ ids }: Packing, stat: Stats, path: ByteString): Omit<TarEntryInput, "type"> {
  const [uid, gid] = ids(stat.uid, stat.gid);
  return { path: path.replace(/\/\/$/, "/"), mode: stat.mode & 0o7777, uid, gid, mtimeSeconds: Math.floor(stat.mtimeMs / 1000) };
}

function specialOf(stat: Stats, fd: number, name: ByteString): Pick<TarEntryInput, "type"> & Partial<TarEntryInput> {
  if (stat.isSymbolicLink()) return { type: "symlink", linkPath: readlinkSync(at(fd, name), "latin1") };
  if (stat.isFIFO()) return { type: "fifo" };
  const [major, minor] = [(stat.rdev >> 8) & 0xfff, (stat.rdev & 0xff) | ((stat.rdev >> 12) & 0xfff00)];
  return { type: stat.isBlockDevice() ? "block" : "char", major, minor };
}

function packFile(packing: Packing, directory: number, name: ByteString, shown: ByteString, from: ByteString): void {
  const fd = call("open", from, () => openSync(at(directory, name), readFlags));
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw changed(from);
    const header = headerOf(packing, stat, shown);
    const key = `${stat.dev}:${stat.ino}`;
    const first = stat.nlink > 1 ? packing.links.get(key) : undefined;
    if (first !== undefined) {
      packing.write(renderTarHeader({ ...header, type: "link", linkPath: first }));
      return;
    }
    if (stat.nlink > 1) packing.links.set(key, shown);
    const xattrs = (stat.mode & 0o111) === 0 ? new Map<string, Buffer>() : capabilityOf(packing.rootFd, from);
    packing.write(renderTarHeader({ ...header, type: "file", sizeBytes: stat.size, xattrs }));
    writeData(packing, fd, stat.size, from);
  } finally {
    closeSync(fd);
  }
}

/** docker's archives carry this attribute alone. */
export const keptAttribute = "security.capability";

function capabilityOf(rootFd: number, path: ByteString): Map<string, Buffer> {
  const value = readXattrs(`/proc/${process.pid}/fd/${rootFd}`, [path]).get(path)?.get(keptAttribute);
  return new Map(value ? [[keptAttribute, value]] : []);
}

function writeData({ buffer, write }: Packing, fd: number, sizeBytes: number, path: ByteString): void {
  for (let left = sizeBytes; left > 0; ) {
    const count = readSync(fd, buffer, 0, Math.min(buffer.length, left), null);
    if (count === 0) throw changed(path);
    // whoever takes the bytes may keep them until later
    write(Buffer.from(buffer.subarray(0, count)));
    left -= count;
  }
  write(tarPadding(sizeBytes));
}

export interface UnpackInto {
  /** The tree's root, a path to be trusted; names of links count from there. */
  readonly root: string;
  /** The directory in it, without links. */
  readonly inner: ByteString;
  readonly ids: Ids;
  readonly signal?: AbortSignal | undefined;
}

/** Unpacks a tar, compressed or not, below a directory that is in use; its tar bytes. Nothing is put outside of that directory. */
export async function unpackInto(source: Chunks, { root, inner, ids, signal }: UnpackInto): Promise<number> {
  const unpacker = openUnpacker(root, { plain: true, occupied: true });
  const place = (path: ByteString) => [inner, ...archiveNames(path)].filter((name) => name !== "").join("/");
  const moved = (entry: TarEntry): TarEntry => {
    const [uid, gid] = ids(entry.uid, entry.gid);
    return { ...entry, uid, gid, path: place(entry.path), ...(entry.type === "link" ? { linkPath: place(entry.linkPath) } : {}) };
  };
  let bytes = 0;
  const reader = openTarReader({ ...unpacker, entry: (entry) => unpacker.entry(moved(entry)) });
  try {
    for await (const chunk of decompress(untilAborted(source, signal))) {
      bytes += chunk.length;
      reader.push(chunk);
    }
    if (bytes > 0) reader.finish();
    const { warnings } = unpacker.finish();
    if (warnings.length > 0) throw new TsnsError("unavailable", "unpack-incomplete", warnings[0] ?? "", { problems: warnings });
  } catch (error) {
    unpacker.abandon();
    throw error;
  }
  return bytes;
}

function call<T>(syscall: string, path: ByteString, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw systemError(syscall, error, toText(path) || ".");
  }
}
