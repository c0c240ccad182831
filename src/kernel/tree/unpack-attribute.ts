// Owner, mode and time of what an archive describes, and how they are set. The time to the nanosecond is the native program's.
import { closeSync, constants, fchmodSync, fchownSync, futimesSync, lchownSync, lutimesSync, openSync } from "node:fs";
import type { TarEntry } from "../../image/tar.ts";
import { fsError, type InnerPath, type Resolver } from "./resolve.ts";

export type Attributes = Pick<TarEntry, "mode" | "uid" | "gid" | "mtimeSeconds" | "mtimeNanoseconds">;

/** A time as the calls of node:fs take it: they read a negative number as now, a date before 1970 as what it is. */
const timeOf = (seconds: number): number | Date => (seconds < 0 ? new Date(seconds * 1000) : seconds);

/** A time that node:fs cannot set: it counts in parts of a second that a number of seconds does not hold. */
export interface ExactTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** A number of seconds may have been rounded up to the next second. */
export const wholeSeconds = (seconds: number, nanoseconds: number): number => Math.round(seconds - nanoseconds / 1e9);

/** Undefined for a whole second. */
export function exactTimeOf({ mtimeSeconds, mtimeNanoseconds }: Attributes): ExactTime | undefined {
  return mtimeNanoseconds === undefined
    ? undefined
    : { seconds: wholeSeconds(mtimeSeconds, mtimeNanoseconds), nanoseconds: mtimeNanoseconds };
}

/** The attributes alone: an entry is several times as large. */
export function attributesOf({ mode, uid, gid, mtimeSeconds, mtimeNanoseconds }: TarEntry): Attributes {
  return mtimeNanoseconds === undefined ? { mode, uid, gid, mtimeSeconds } : { mode, uid, gid, mtimeSeconds, mtimeNanoseconds };
}

/** Of an open file. The owner first: chown(2) clears set-user-ID. */
export function setFileAttributes(fd: number, attributes: Attributes): void {
  fchownSync(fd, attributes.uid, attributes.gid);
  fchmodSync(fd, attributes.mode);
  futimesSync(fd, timeOf(attributes.mtimeSeconds), timeOf(attributes.mtimeSeconds));
}

export function setLinkAttributes(full: string | Buffer, attributes: Attributes, path: InnerPath): void {
  try {
    lchownSync(full, attributes.uid, attributes.gid);
    lutimesSync(full, timeOf(attributes.mtimeSeconds), timeOf(attributes.mtimeSeconds));
  } catch (error) {
    throw fsError("lchown", error, path);
  }
}

const undescribed = { mode: 0o755, uid: 0, gid: 0 };
const directoryFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** null: the archive did not describe the directory. */
export function setDirectoryAttributes(resolver: Resolver, path: InnerPath, attributes: Attributes | null | undefined): void {
  const { mode, uid, gid } = attributes ?? undescribed;
  let fd = -1;
  try {
    fd = openSync(resolver.full(path), directoryFlags);
    fchownSync(fd, uid, gid);
    fchmodSync(fd, mode);
    if (attributes) futimesSync(fd, timeOf(attributes.mtimeSeconds), timeOf(attributes.mtimeSeconds));
  } catch (error) {
    throw fsError("chown", error, path);
  } finally {
    if (fd >= 0) closeSync(fd);
  }
}
