// Unpacked layers below the data root: one directory each, named after its diff id, shared by all images that
// have it. Says where they lie and keeps their rows; unpacking and removing trees is done by others.
import type { ImageRecord } from "../image/spec.ts";
import type { Database } from "./database.ts";

/**
 * Directory names are the first 32 hexadecimal digits (128 bits) of the diff id: overlay's options must fit one
 * page (mount(2)), and so 70 layers fit where full digests would allow 40.
 */
const nameDigits = 32;

/** Directory of an unpacked layer; `diffId` is `sha256:<hex>`. */
export function layerPath(root: string, diffId: string): string {
  return `${root}/layers/${diffId.slice("sha256:".length, "sha256:".length + nameDigits)}`;
}

/** How to write the layer's tar again, for one of which no other copy is kept (src/kernel/tree/recipe.ts). */
export function recipePath(root: string, diffId: string): string {
  return `${layerPath(root, diffId)}.recipe`;
}

/** All that lies below the data root for a layer, besides its blobs; not all of it need be there. The directory is the first. */
export function layerPaths(root: string, diffId: string): readonly string[] {
  const path = layerPath(root, diffId);
  return [path, recipePath(root, diffId), `${path}.displaced`];
}

/** Directories of an image for overlay's lowerdir: uppermost first, each once. Empty for the host image. */
export function layerDirectories(root: string, image: Pick<ImageRecord, "diffIds">): string[] {
  // overlay takes no directory twice; of a layer that comes again the upper one shows all that the lower one has
  return [...new Set(image.diffIds.map((diffId) => layerPath(root, diffId)).reverse())];
}

/** Size in bytes of a layer's files if its row is there. */
export function findLayer(store: Database, diffId: string): { sizeBytes: number } | undefined {
  const row = store.get("SELECT size_bytes FROM layer WHERE diff_id = ?", diffId);
  return row && { sizeBytes: Number(row.size_bytes) };
}

/** Notes a layer whose directory is in place. */
export function putLayer(store: Database, diffId: string, sizeBytes: number, createdMs: number): void {
  store.run("INSERT OR IGNORE INTO layer (diff_id, size_bytes, created_ms) VALUES (?, ?, ?)", diffId, sizeBytes, createdMs);
}
