// What layers are called: the digest of one in our store, "upper" for the writable one, else the directory.
import { realpathSync } from "node:fs";
import { listImages } from "../../store/image-record.ts";
import { layerPath } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";
import { hasStore } from "../look.ts";

export interface LayerName {
  readonly name: string;
  readonly directory: string;
}

/** Names by directory, in the order given. `isUpper`: the first one is writable. */
export function nameLayers(engine: Engine, directories: readonly string[], isUpper: boolean): readonly LayerName[] {
  const digests = new Map<string, string>();
  if (hasStore(engine)) {
    for (const { image } of listImages(engine.store))
      for (const diffId of image.diffIds) digests.set(layerPath(engine.root, diffId), diffId);
  }
  return directories.map((directory, at): LayerName => {
    const real = realOf(directory);
    return { directory: real, name: at === 0 && isUpper ? "upper" : (digests.get(directory) ?? real) };
  });
}

/** Docker lists links with short names. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // gone, or not ours to see
  }
}
