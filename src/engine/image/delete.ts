// Rows of images taken away, and what that makes free. Called inside a transaction by those who decided what may go; files are the
// collector's.
import { chainIdsOf, sharedLayers } from "../../image/chain.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { isRunning } from "../../kernel/proc/identity.ts";
import { containersOf, hideImage, removeImageRow } from "../../store/image-record.ts";
import { listBlobSizes, listDiffIds, listLayerSizes, readReachable } from "../../store/reachable.ts";
import type { Engine } from "../engine.ts";

export interface Deletion {
  /** By image id, as docker tells: the id, then the chain ids of its layers that no other image has, topmost first. */
  readonly deleted: ReadonlyMap<string, readonly string[]>;
  /** Files of layers, and their compressed forms, that nothing leads to any more. */
  readonly bytes: number;
}

/** In this order. An image that containers use is only hidden. */
export function deleteImages(engine: Engine, images: readonly ImageRecord[]): Deletion {
  if (images.length === 0) return { deleted: new Map(), bytes: 0 };
  const { store } = engine;
  const free = images.map(({ id }) => id).filter((id) => containersOf(store, id).length === 0);
  const bytes = bytesOf(engine, new Set(free));
  const deleted = new Map<string, readonly string[]>();
  let left = listDiffIds(store);
  for (const image of images) {
    const isUsed = containersOf(store, image.id).length > 0;
    if (isUsed) hideImage(store, image.id);
    else removeImageRow(store, image.id);
    if (!isUsed) left = left.filter(({ id }) => id !== image.id);
    const shared = left.reduce((most, { diffIds }) => Math.max(most, sharedLayers(image.diffIds, diffIds)), 0);
    deleted.set(image.id, [image.id, ...chainIdsOf(image.diffIds).slice(shared).reverse()]);
  }
  return { deleted, bytes };
}

/** Bytes that only these images lead to: files of layers, and their compressed forms. */
export function bytesOf(engine: Engine, images: ReadonlySet<string>): number {
  const { store } = engine;
  const [before, after] = [readReachable(store, isRunning), readReachable(store, isRunning, images)];
  let bytes = 0;
  for (const [diffId, size] of listLayerSizes(store)) if (before.layers.has(diffId) && !after.layers.has(diffId)) bytes += size;
  for (const [digest, size] of listBlobSizes(store)) if (before.blobs.has(digest) && !after.blobs.has(digest)) bytes += size;
  return bytes;
}
