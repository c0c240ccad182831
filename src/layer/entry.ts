// One entry of a layer directory as lstat and its extended attributes tell it, and what overlayfs takes it for
// (Documentation/filesystems/overlayfs.rst): whiteouts, opaque directories, redirects, copies of metadata alone. Pure.

export type EntryType = "file" | "directory" | "symlink" | "char" | "block" | "fifo" | "socket";

export type Xattrs = ReadonlyMap<string, Buffer>;

export interface LayerEntry {
  /** Relative to the layer, one character a byte; "" is the layer itself. */
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** What it takes on disk. */
  readonly allocatedBytes: number;
  readonly mtimeNanos: bigint;
  readonly inode: bigint;
  readonly links: number;
  /** Of device nodes. */
  readonly major: number;
  readonly minor: number;
  readonly xattrs: Xattrs;
}

/** An overlay mounted with `userxattr` keeps its marks below user.overlay. */
function mark(xattrs: Xattrs, name: string): string | undefined {
  return (xattrs.get(`trusted.overlay.${name}`) ?? xattrs.get(`user.overlay.${name}`))?.toString("latin1");
}

type Marked = Pick<LayerEntry, "type" | "xattrs" | "major" | "minor" | "sizeBytes">;

/** A character device 0:0, or, since Linux 6.7, an empty file with a mark. */
export function isWhiteout({ type, major, minor, xattrs, sizeBytes }: Marked): boolean {
  if (type === "char") return major === 0 && minor === 0;
  return type === "file" && sizeBytes === 0 && mark(xattrs, "whiteout") !== undefined;
}

/** Nothing below it is seen through it. The value "x" says instead that it holds marked whiteouts. */
export function isOpaque({ type, xattrs }: Pick<LayerEntry, "type" | "xattrs">): boolean {
  return type === "directory" && mark(xattrs, "opaque") === "y";
}

/** Where the rest of a renamed directory, or the data of a renamed metadata copy, lies below: `/from/root` or a name beside it. */
export function redirectOf({ xattrs }: Pick<LayerEntry, "xattrs">): string | undefined {
  return mark(xattrs, "redirect");
}

/** Only the metadata was copied up; the data is still below. */
export function isMetacopy({ type, xattrs }: Pick<LayerEntry, "type" | "xattrs">): boolean {
  return type === "file" && mark(xattrs, "metacopy") !== undefined;
}

/** Attributes that belong to the file: overlay's own marks and security labels are the host's. */
export function isOwnAttribute(name: string): boolean {
  if (name === "security.capability" || name.startsWith("system.posix_acl_")) return true;
  return name.startsWith("user.") && !name.startsWith("user.overlay.");
}

/** Words for what overlay keeps in an entry's marks. */
export function describeMarks(entry: LayerEntry): readonly string[] {
  const redirect = redirectOf(entry);
  return [
    ...(isOpaque(entry) ? ["opaque"] : []),
    ...(redirect === undefined ? [] : [`renamed from ${redirect}`]),
    ...(isMetacopy(entry) ? ["metadata only"] : []),
  ];
}

/** What differs between two entries besides their data: "mode", "owner", "time", "attributes". */
export function compareMetadata(one: LayerEntry, other: LayerEntry): readonly string[] {
  return [
    ...(one.mode === other.mode ? [] : ["mode"]),
    ...(one.uid === other.uid && one.gid === other.gid ? [] : ["owner"]),
    ...(one.mtimeNanos === other.mtimeNanos ? [] : ["time"]),
    ...(sameAttributes(one.xattrs, other.xattrs) ? [] : ["attributes"]),
  ];
}

function sameAttributes(one: Xattrs, other: Xattrs): boolean {
  const own = (xattrs: Xattrs) => [...xattrs].filter(([name]) => isOwnAttribute(name));
  const ours = own(one);
  return ours.length === own(other).length && ours.every(([name, value]) => other.get(name)?.equals(value) === true);
}
