// What is to be done at many paths at the end of a layer, however many: what is too much for memory goes, the oldest first, into a file
// without a name (O_TMPFILE, open(2)), which ends with the process. A layer that is not large never has one. Knows nothing of what is done.
import { closeSync, constants, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { isErrno } from "../../base/error.ts";
import { newId, shortId } from "../../base/id.ts";
import { fsError, type InnerPath } from "./resolve.ts";

/** So many paths, or so many bytes of their names, are kept in memory. */
const keptMax = 2048;
const keptBytesMax = 256 << 10;
/** So many paths may be void before what was said of them is taken out of the file. */
const voidsMax = 8192;

export interface LateMap<V> {
  /** The last word on a path counts. */
  set(path: InnerPath, value: V): void;
  /** Nothing is at the path now. */
  delete(path: InnerPath): void;
  /** A directory is no more: what was said of all below it is void, and of itself where the map's `own` says so. */
  drop(directory: InnerPath): void;
  /** Oldest first: a path may come again in a later one, and what is said there counts. Ends what is kept. */
  segments(): Generator<ReadonlyMap<InnerPath, V>>;
  /** May be called again. */
  close(): void;
}

interface Segment {
  readonly at: number;
  readonly sizeBytes: number;
}

export interface LateMapOptions {
  /** Where the file lies; on a file system without such files it is in the host's directory for temporary ones. */
  readonly directory: string;
  /** What is said of a directory is of no use when that is gone. */
  readonly own: boolean;
}

/** Values are what JSON has. Throws KernelError when the file cannot be written. */
export function openLateMap<V>({ directory, own }: LateMapOptions): LateMap<V> {
  let kept = new Map<InnerPath, V>();
  let keptBytes = 0;
  let segments: Segment[] = [];
  let fd = -1;
  /** Directories that are no more, and how many segments there were then. */
  const voids = new Map<InnerPath, number>();
  let voidBytes = 0;

  const append = (into: number, list: Segment[], entries: Iterable<readonly [InnerPath, V]>): void => {
    const last = list.at(-1);
    const at = last ? last.at + last.sizeBytes : 0;
    list.push({ at, sizeBytes: writeSegment(into, at, [...entries]) });
  };
  const spill = (): void => {
    if (fd < 0) fd = openUnnamed(directory);
    append(fd, segments, kept);
    kept = new Map();
    keptBytes = 0;
  };
  const isVoid = (path: InnerPath, segment: number): boolean => {
    for (let end = own ? path.length : path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1))
      if ((voids.get(path.slice(0, end)) ?? 0) > segment) return true;
    return false;
  };
  const readValid = (number: number): [InnerPath, V][] => {
    const segment = segments[number];
    const entries = segment ? readSegment<V>(fd, segment) : [];
    return voids.size === 0 ? entries : entries.filter(([path]) => !isVoid(path, number));
  };
  const close = (): void => {
    if (fd >= 0) closeSync(fd);
    fd = -1;
    segments = [];
  };
  /** Writes the file anew without what is void. */
  const compact = (): void => {
    const fresh = openUnnamed(directory);
    const list: Segment[] = [];
    try {
      for (const number of segments.keys()) append(fresh, list, readValid(number));
    } catch (error) {
      closeSync(fresh);
      throw error;
    }
    closeSync(fd);
    fd = fresh;
    segments = list;
    voids.clear();
    voidBytes = 0;
  };
  return {
    set(path, value) {
      if (!kept.has(path)) keptBytes += path.length;
      kept.set(path, value);
      if (kept.size >= keptMax || keptBytes >= keptBytesMax) spill();
    },
    delete(path) {
      if (kept.delete(path)) keptBytes -= path.length;
    },
    drop(gone) {
      if (own && kept.delete(gone)) keptBytes -= gone.length;
      for (const path of kept.keys()) {
        if (!path.startsWith(`${gone}/`)) continue;
        kept.delete(path);
        keptBytes -= path.length;
      }
      if (segments.length === 0) return;
      if (!voids.has(gone)) voidBytes += gone.length;
      voids.set(gone, segments.length);
      if (voids.size >= voidsMax || voidBytes >= keptBytesMax) compact();
    },
    *segments() {
      for (const number of segments.keys()) yield new Map(readValid(number));
      close();
      const last = kept;
      kept = new Map();
      keptBytes = 0;
      if (last.size > 0) yield last;
    },
    close,
  };
}

/** O_TMPFILE, open(2), is this and O_DIRECTORY. */
const temporaryFlags = 0o20000000 | constants.O_DIRECTORY | constants.O_RDWR;

/** A file that no directory has. */
function openUnnamed(directory: string): number {
  try {
    return openSync(directory, temporaryFlags, 0o600);
  } catch (error) {
    if (!isErrno(error, "EOPNOTSUPP", "ENOTSUP", "EISDIR", "EINVAL", "ENOENT")) throw fsError("open", error, directory);
  }
  const path = `${tmpdir()}/tsns-late-${shortId(newId())}`;
  try {
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
    unlinkSync(path);
    return fd;
  } catch (error) {
    throw fsError("open", error, path);
  }
}

/** Paths are one byte a character, and JSON takes control characters only as their numbers: so is the text. */
function writeSegment(fd: number, at: number, entries: readonly unknown[]): number {
  const bytes = Buffer.from(JSON.stringify(entries), "latin1");
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, at + done);
  } catch (error) {
    throw fsError("write", error, "what is left to do at the end of the archive");
  }
  return bytes.length;
}

/** One for all: a buffer goes only when the collector comes, which is not soon. */
let shared = Buffer.alloc(0);

function readSegment<V>(fd: number, { at, sizeBytes }: Segment): [InnerPath, V][] {
  if (shared.length < sizeBytes) shared = Buffer.allocUnsafeSlow(sizeBytes * 2);
  const bytes = shared.subarray(0, sizeBytes);
  for (let done = 0; done < sizeBytes; ) {
    const count = readSync(fd, bytes, done, sizeBytes - done, at + done);
    if (count === 0) throw new Error("a file without a name has become shorter");
    done += count;
  }
  return JSON.parse(bytes.toString("latin1")) as [InnerPath, V][];
}
