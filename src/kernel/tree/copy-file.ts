// Copies one entry that is no directory from one open directory into another: a file with its data, holes and further names, a symbolic
// link, a device. No link is followed; what is read is what was opened.
import {
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  lchownSync,
  linkSync,
  lutimesSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
  symlinkSync,
  writeSync,
} from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { tarBytes } from "../../container/copy-place.ts";
import { systemError } from "./inside.ts";
import type { NodeOperation } from "./node-batch.ts";
import { at, type ByteString, toFsPath, toText } from "./path.ts";

export const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** O_NONBLOCK: a pipe that has taken the file's place must not make us wait. */
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const createFlags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

export interface CopyOptions {
  /** Owner of a copy; undefined: whoever copies. */
  readonly owner?: ((uid: number, gid: number) => readonly [uid: number, gid: number]) | undefined;
  readonly warn: (message: string) => void;
}

export interface Copying extends CopyOptions {
  /** Where the first name of a file with several has been copied to, by its inode. */
  readonly links: Map<string, ByteString>;
  /** The two directories below which paths count, for what the native program does. */
  readonly targetFd: number;
  readonly nodes: NodeOperation[];
  readonly programs: { readonly from: ByteString; readonly to: ByteString }[];
  bytes: number;
}

/** Where an entry comes from and goes to: open directories, names in them, paths from where the copy began. */
export interface Pair {
  readonly sourceFd: number;
  readonly source: ByteString;
  readonly targetFd: number;
  readonly target: ByteString;
  readonly from: ByteString;
  readonly to: ByteString;
}

export function copyFile(copying: Copying, pair: Pair, seen: Stats): void {
  if (seen.nlink > 1 && linkAgain(copying, pair, seen)) return;
  const source = call("open", pair.from, () => openSync(at(pair.sourceFd, pair.source), readFlags));
  try {
    const stat = fstatSync(source);
    if (!stat.isFile()) throw changed(pair.from);
    const target = call("open", pair.to, () => openSync(at(pair.targetFd, pair.target), createFlags, 0o600));
    try {
      call("write", pair.to, () => copyData(source, target, stat));
      setAttributes(copying, target, stat, pair.to);
    } finally {
      closeSync(target);
    }
    copying.bytes += tarBytes(stat.size);
    if ((stat.mode & 0o111) !== 0) copying.programs.push({ from: pair.from, to: pair.to });
    if (stat.nlink > 1) copying.links.set(`${stat.dev}:${stat.ino}`, pair.to);
  } finally {
    closeSync(source);
  }
}

const pieceBytes = 1 << 20;
let piece: Buffer | undefined;

/** Large files by the kernel (copy_file_range(2), sendfile(2)); small ones, and those with holes, by reading: holes stay holes. */
function copyData(source: number, target: number, { size, blocks }: Stats): void {
  const isSparse = blocks * 512 < size;
  if (size > pieceBytes && !isSparse) {
    copyFileSync(`/proc/self/fd/${source}`, `/proc/self/fd/${target}`);
    return;
  }
  piece ??= Buffer.allocUnsafeSlow(pieceBytes);
  let place = 0;
  for (let count = readSync(source, piece, 0, pieceBytes, null); count > 0; count = readSync(source, piece, 0, pieceBytes, null)) {
    const bytes = piece.subarray(0, count);
    if (!(isSparse && isZero(bytes))) for (let done = 0; done < count; ) done += writeSync(target, bytes, done, count - done, place + done);
    place += count;
  }
  if (isSparse) ftruncateSync(target, place);
}

const zeros = Buffer.alloc(pieceBytes);
const isZero = (bytes: Buffer): boolean => bytes.equals(zeros.subarray(0, bytes.length));

/** True when another name of the file has been copied: this one becomes a name of that copy. */
function linkAgain(copying: Copying, { targetFd, target, to }: Pair, { dev, ino }: Stats): boolean {
  const first = copying.links.get(`${dev}:${ino}`);
  if (first === undefined) return false;
  const names = first.split("/");
  const held: number[] = [];
  try {
    for (const name of names.slice(0, -1))
      held.push(call("open", first, () => openSync(at(held.at(-1) ?? copying.targetFd, name), directoryFlags)));
    call("link", to, () => linkSync(at(held.at(-1) ?? copying.targetFd, names.at(-1) ?? ""), at(targetFd, target)));
  } finally {
    for (const fd of held) closeSync(fd);
  }
  copying.bytes += tarBytes(0);
  return true;
}

export function copyLink(copying: Copying, { sourceFd, source, targetFd, target, from, to }: Pair, stat: Stats): void {
  const text = call("readlink", from, () => readlinkSync(at(sourceFd, source), "latin1"));
  const path = at(targetFd, target);
  call("symlink", to, () => symlinkSync(toFsPath(text), path));
  const owner = copying.owner?.(stat.uid, stat.gid);
  call("lchown", to, () => {
    if (owner) lchownSync(path, ...owner);
    lutimesSync(path, stat.mtimeMs / 1000, stat.mtimeMs / 1000);
  });
  copying.bytes += tarBytes(0);
}

/** Devices and pipes are made by the native program in the end: node:fs cannot. */
export function announceNode(copying: Copying, { to }: Pair, stat: Stats): void {
  const [uid, gid] = copying.owner?.(stat.uid, stat.gid) ?? [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
  const [major, minor] = [((stat.rdev >> 8) & 0xfff) >>> 0, (stat.rdev & 0xff) | ((stat.rdev >> 12) & 0xfff00)];
  copying.nodes.push({ operation: "mknod", path: to, mode: stat.mode, major, minor });
  copying.nodes.push({ operation: "own", path: to, mode: stat.mode & 0o7777, uid, gid });
  copying.bytes += tarBytes(0);
}

/** The owner first: chown(2) clears set-user-ID. */
export function setAttributes({ owner }: Copying, fd: number, stat: Stats, path: ByteString): void {
  call("chown", path, () => {
    const ids = owner?.(stat.uid, stat.gid);
    if (ids) fchownSync(fd, ...ids);
    fchmodSync(fd, stat.mode & 0o7777);
    futimesSync(fd, stat.mtimeMs / 1000, stat.mtimeMs / 1000);
  });
}

/** Names the system call and the entry it failed for. */
export function call<T>(syscall: string, path: ByteString, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw systemError(syscall, error, toText(path) || ".");
  }
}

export function changed(path: ByteString): TsnsError {
  return new TsnsError("conflict", "changed-meanwhile", `${toText(path)} changed while it was copied`, {
    hint: "stop what writes there and try again",
  });
}
