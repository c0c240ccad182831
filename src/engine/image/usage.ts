// tsns image du: what the layers of an image take, with whom they are shared, and what of them later layers hide.

import { toText } from "../../kernel/tree/path.ts";
import { isWhiteout, type LayerEntry } from "../../layer/entry.ts";
import { listImages } from "../../store/image-record.ts";
import { findLayer } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";
import { findLayered, mergeImage } from "./layer-tree.ts";

export interface LayerUse {
  /** 1 is the lowest. */
  readonly layer: number;
  readonly diffId: string;
  readonly sizeBytes: number;
  /** Bytes of files that a later layer deletes or replaces: shipped, never seen. */
  readonly hiddenBytes: number;
  /** Other images that have this layer, by a name or id. */
  readonly sharedWith: readonly string[];
  readonly createdBy: string;
}

/** A file that is shipped and never seen. */
export interface HiddenFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly layer: number;
  readonly hiddenBy: number;
  readonly how: "deleted" | "replaced" | "opaque";
  readonly createdBy: string;
}

export interface ImageUse {
  readonly id: string;
  readonly sizeBytes: number;
  readonly sharedBytes: number;
  readonly uniqueBytes: number;
  readonly hiddenBytes: number;
  /** Lowest first. */
  readonly layers: readonly LayerUse[];
  /** Largest first. */
  readonly hidden: readonly HiddenFile[];
}

/** Throws what `findLayered` does. */
export function measureImage(engine: Engine, name: string): ImageUse {
  const found = findLayered(engine, name);
  const { image } = found;
  const merged = mergeImage(found);
  const users = usersOfLayers(engine, image.id);
  const visible = new Set([...merged.seen.values()].map(({ layer, entry }) => keyOf(layer, entry)));
  const counted = new Set<string>();
  const hidden: HiddenFile[] = [];
  for (const { layer, entry, by, how } of merged.hidden) {
    const key = keyOf(layer, entry);
    // a file with another name that is still seen takes nothing in vain
    if (entry.type !== "file" || isWhiteout(entry) || visible.has(key) || counted.has(key)) continue;
    counted.add(key);
    const createdBy = found.layers[layer]?.createdBy ?? "";
    hidden.push({ path: `/${toText(entry.path)}`, sizeBytes: entry.sizeBytes, layer: layer + 1, hiddenBy: by + 1, how, createdBy });
  }
  hidden.sort((a, b) => b.sizeBytes - a.sizeBytes || (a.path < b.path ? -1 : 1));
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  const hiddenOf = (layer: number) => sum(hidden.filter((file) => file.layer === layer).map(({ sizeBytes }) => sizeBytes));
  const layers = found.layers.map(
    ({ diffId, createdBy }, at): LayerUse => ({
      layer: at + 1,
      diffId,
      sizeBytes: findLayer(engine.store, diffId)?.sizeBytes ?? 0,
      hiddenBytes: hiddenOf(at + 1),
      sharedWith: users.get(diffId) ?? [],
      createdBy,
    }),
  );
  const sharedBytes = sum(layers.filter(({ sharedWith }) => sharedWith.length > 0).map(({ sizeBytes }) => sizeBytes));
  const sizeBytes = sum(layers.map((layer) => layer.sizeBytes));
  const hiddenBytes = sum(hidden.map((file) => file.sizeBytes));
  return { id: image.id, sizeBytes, sharedBytes, uniqueBytes: sizeBytes - sharedBytes, hiddenBytes, layers, hidden };
}

const keyOf = (layer: number, { inode }: LayerEntry): string => `${layer}:${inode}`;

/** Other images by the layers they have. */
function usersOfLayers(engine: Engine, imageId: string): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const { image, names } of listImages(engine.store)) {
    if (image.id === imageId) continue;
    const label = names[0] ?? image.id.slice("sha256:".length, "sha256:".length + 12);
    for (const diffId of new Set(image.diffIds)) users.set(diffId, [...(users.get(diffId) ?? []), label]);
  }
  return users;
}
