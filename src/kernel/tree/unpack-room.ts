// Room for an entry of the archive: what has its name goes, from the directory and from what is put off.
import { unlinkSync } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import { toText } from "./path.ts";
import { removeEntry } from "./remove.ts";
import { fsError, type InnerPath, readStat } from "./resolve.ts";
import type { Pending } from "./unpack-pending.ts";
import { doFiles, type Unpacking } from "./unpack-state.ts";

/** Runs `make`; when something is there already, removes that first. */
export function place<T>(state: Unpacking, path: InnerPath, syscall: string, make: () => T): T {
  forget(state, path, false);
  if (state.keeper) {
    clear(state, path);
    state.keeper.made(path);
  }
  try {
    return make();
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw fsError(syscall, error, path);
  }
  clear(state, path);
  try {
    return make();
  } catch (error) {
    throw fsError(syscall, error, path);
  }
}

export function inTheWay(path: InnerPath, isDirectory: boolean): TsnsError {
  const [there, comes] = isDirectory ? ["non-directory", "directory"] : ["directory", "non-directory"];
  return new TsnsError("conflict", "other-kind", `cannot overwrite ${there} "/${toText(path)}" with ${comes} of the archive`, {
    hint: "remove it first, or choose another destination",
  });
}

/** Nothing has the path after this. */
export function clear(state: Unpacking, path: InnerPath): void {
  const { resolver } = state;
  const stat = readStat(resolver.full(path), path);
  if (state.occupied && stat?.isDirectory()) throw inTheWay(path, false);
  // another name of the same file keeps what has been said of it
  if (stat && !stat.isDirectory() && stat.nlink > 1 && isAnnounced(state.pending, path)) doFiles(state);
  forget(state, path, stat?.isDirectory() ?? false);
  if (!stat) return;
  resolver.forget(path);
  if (state.keeper) state.keeper.aside(path);
  else if (state.recipe && (stat.isFile() || stat.isDirectory())) state.recipe.displace(path, resolver.full(path));
  else if (stat.isDirectory()) removeEntry(state.directory, path.split("/"));
  else unlinkSync(resolver.full(path));
}

const isAnnounced = ({ nodes, xattrs, times }: Pending, path: InnerPath): boolean => nodes.has(path) || xattrs.has(path) || times.has(path);

/** What was announced for a path, and for all below it, is void. */
export function forget(state: Unpacking, path: InnerPath, below: boolean): void {
  const { directories, nodes, xattrs, times, links, opaque, whiteouts } = state.pending;
  for (const pending of [directories, nodes, xattrs, times, links, opaque]) pending.delete(path);
  if (!below) return;
  for (const pending of [directories, opaque, whiteouts]) pending.drop(path);
  for (const pending of [nodes, xattrs, times, links])
    for (const key of pending.keys()) if (key.startsWith(`${path}/`)) pending.delete(key);
}
