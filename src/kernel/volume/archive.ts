// The files of a volume as a tar: names, owners, modes, times, attributes, further names of a file; none of them means anything else.
import { type Exported, unmarked, writeMerged } from "../layer/merge.ts";
import { walkLayer } from "../layer/walk.ts";
import { filledName, fillingName } from "./fill.ts";

/** Throws KernelError, conflict `changed-meanwhile`. */
export function exportVolume(data: string, write: (bytes: Uint8Array) => void, signal?: AbortSignal): Exported {
  const isUnfinished = (path: string) => [fillingName, filledName].some((name) => path === name || path.startsWith(`${name}/`));
  const entries = walkLayer(data).filter(({ path }) => !isUnfinished(path));
  return writeMerged(
    entries.map((entry) => ({ entry: unmarked(entry, entry.path, 0), directory: data, path: entry.path })),
    write,
    { isLayer: false, ...(signal ? { signal } : {}) },
  );
}
