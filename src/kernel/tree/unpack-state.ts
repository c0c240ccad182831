// How far the unpacking of a layer is, shared by what makes its entries.
import type { TarEntry } from "../../image/tar.ts";
import type { Keeper } from "./keep.ts";
import type { RecipeWriter } from "./recipe.ts";
import type { InnerPath, Resolver } from "./resolve.ts";
import type { SparseData } from "./sparse-data.ts";
import { applyFiles, type Pending } from "./unpack-pending.ts";

export interface Unpacking {
  readonly directory: string;
  readonly resolver: Resolver;
  readonly keeper: Keeper | undefined;
  readonly recipe: RecipeWriter | undefined;
  readonly pending: Pending;
  /** Roughly, of nodes, attributes and times since they were last done, and of links. */
  pendingBytes: number;
  lateLinkBytes: number;
  /** The file that is being written; -1: data is dropped. */
  fd: number;
  current: { readonly entry: TarEntry; readonly path: InnerPath; readonly sparse: SparseData | undefined } | undefined;
  readonly warnings: string[];
  readonly count: (entry: TarEntry) => void;
  readonly plain: boolean;
  readonly occupied: boolean;
  sizeBytes: number;
  entries: number;
}

/** Makes what is put off of files at once. */
export function doFiles(state: Unpacking): void {
  state.warnings.push(...applyFiles(state.directory, state.pending));
  state.pendingBytes = 0;
}

/** Of an entry in memory; a path or a value may be as large as a tar's header allows. */
export function bytesOf({ path, linkPath, xattrs }: TarEntry): number {
  let bytes = path.length + linkPath.length;
  for (const [name, value] of xattrs) bytes += name.length + value.length;
  return bytes;
}
