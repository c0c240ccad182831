// An upper directory's entries as entries of a layer tar: overlay's whiteouts and opaque marks become OCI's `.wh.` files
// (image-spec, layer.md), further names of a file become links. The order is that of the entries. Pure.
import { TsnsError } from "../base/error.ts";
import type { TarEntryInput } from "../image/tar-write.ts";
import { isMetacopy, isOpaque, isOwnAttribute, isWhiteout, type LayerEntry, redirectOf } from "./entry.ts";
import { opaqueName, whiteoutPrefix } from "./whiteout.ts";

export interface TarMember {
  readonly header: TarEntryInput;
  /** The file whose data follows. */
  readonly dataOf?: LayerEntry;
}

export interface TarLayout {
  readonly members: readonly TarMember[];
  /** What a layer cannot hold, one line each. */
  readonly warnings: readonly string[];
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const beside = (path: string, name: string): string => `${path.slice(0, path.lastIndexOf("/") + 1)}${name}`;

/** Whole seconds not after the epoch if one is given, else microseconds: what a double holds exactly enough. */
function mtimeOf({ mtimeNanos }: LayerEntry, sourceDateEpoch: number | undefined): number {
  if (sourceDateEpoch !== undefined) return Math.min(Number(floorOf(mtimeNanos, 1_000_000_000n)), sourceDateEpoch);
  return Number(floorOf(mtimeNanos + 500n, 1000n)) / 1e6;
}

/** The quotient, downwards also before 1970. */
const floorOf = (value: bigint, unit: bigint): bigint => (value - (((value % unit) + unit) % unit)) / unit;

/**
 * `entries` as walked: parents first. What is no layer (`isLayer` false) has neither whiteouts nor overlay's marks. Throws conflict for a directory that was renamed in the overlay (its contents are in the layers below), and
 * for a name that would be read as a whiteout.
 */
export function layoutTar(entries: readonly LayerEntry[], sourceDateEpoch?: number, { isLayer = true } = {}): TarLayout {
  const members: TarMember[] = [];
  const warnings: string[] = [];
  const first = new Map<bigint, string>();
  for (const entry of entries) {
    // a whiteout has no time of its own: the same deletion, made again, is the same bytes
    if (isLayer && isWhiteout(entry)) {
      members.push({ header: { path: beside(entry.path, `${whiteoutPrefix}${nameOf(entry.path)}`), type: "file" } });
      continue;
    }
    const mtimeSeconds = mtimeOf(entry, sourceDateEpoch);
    if (isLayer && nameOf(entry.path).startsWith(whiteoutPrefix)) throw reservedName(entry);
    if (entry.type === "socket") {
      warnings.push(`/${entry.path}: a socket, left out`);
      continue;
    }
    const redirect = isLayer ? redirectOf(entry) : undefined;
    if (entry.type === "directory" && redirect !== undefined) throw renamedDirectory(entry, redirect);
    const link = entry.links > 1 && entry.type !== "directory" ? first.get(entry.inode) : undefined;
    if (link !== undefined) {
      members.push({ header: { ...attributesOf(entry, mtimeSeconds), type: "link", linkPath: link, xattrs: new Map() } });
      continue;
    }
    first.set(entry.inode, entry.path);
    members.push(memberOf(entry, mtimeSeconds));
    if (isLayer && isOpaque(entry))
      members.push({ header: { path: `${entry.path === "" ? "" : `${entry.path}/`}${opaqueName}`, type: "file" } });
  }
  return { members, warnings };
}

function attributesOf(entry: LayerEntry, mtimeSeconds: number): TarEntryInput {
  const { path, type, mode, uid, gid } = entry;
  return {
    path: type === "directory" ? `${path === "" ? "." : path}/` : path,
    type: type === "socket" ? "file" : type,
    mode,
    uid,
    gid,
    mtimeSeconds,
    xattrs: new Map([...entry.xattrs].filter(([name]) => isOwnAttribute(name)).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function memberOf(entry: LayerEntry, mtimeSeconds: number): TarMember {
  const header = attributesOf(entry, mtimeSeconds);
  if (entry.type === "file") return { header: { ...header, sizeBytes: entry.sizeBytes }, dataOf: entry };
  if (entry.type === "char" || entry.type === "block") return { header: { ...header, major: entry.major, minor: entry.minor } };
  return { header };
}

/** Whether a file's data lies in the layers below. */
export const needsLower = (entry: LayerEntry): boolean => isMetacopy(entry);

function reservedName({ path }: LayerEntry): TsnsError {
  return new TsnsError("conflict", "reserved-name", `/${path} cannot be in a layer: names that begin with .wh. mean deleted files`, {
    hint: "rename it",
  });
}

function renamedDirectory({ path }: LayerEntry, redirect: string): TsnsError {
  return new TsnsError(
    "conflict",
    "renamed-directory",
    `/${path} was renamed from ${redirect} inside the overlay: its contents are in the layers below`,
    {
      hint: "stack with --option redirect_dir=off, so that renames copy",
    },
  );
}
