// Which blobs belong to images: manifests by which an image is known to registries, compressed forms of layers, and blobs a living command
// counts on before any image has them. Rows only; the bytes are beside them (content.ts).

import type { Database } from "./database.ts";
import type { Holder } from "./operation-lock.ts";

export interface ManifestRow {
  readonly digest: string;
  readonly mediaType: string;
}

/** A layer's tar as registries have it. */
export interface LayerBlob {
  readonly digest: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

/** Notes that the manifest (or index) blob `digest` leads to the image. */
export function putManifest(store: Database, imageId: string, { digest, mediaType }: ManifestRow): void {
  store.run("INSERT OR IGNORE INTO manifest (digest, image, media_type) VALUES (?, ?, ?)", digest, imageId, mediaType);
}

/** Manifests of an image, the one that came first at first. */
export function manifestsOf(store: Database, imageId: string): readonly ManifestRow[] {
  return store
    .all("SELECT digest, media_type FROM manifest WHERE image = ? ORDER BY rowid", imageId)
    .map((row) => ({ digest: String(row.digest), mediaType: String(row.media_type) }));
}

export function putLayerBlob(store: Database, diffId: string, { digest, mediaType, sizeBytes }: LayerBlob): void {
  store.run(
    "INSERT OR REPLACE INTO layer_blob (diff_id, digest, media_type, size_bytes) VALUES (?, ?, ?, ?)",
    diffId,
    digest,
    mediaType,
    sizeBytes,
  );
}

/** The known compressed forms of a layer, smallest first. */
export function layerBlobsOf(store: Database, diffId: string): readonly LayerBlob[] {
  return store
    .all("SELECT digest, media_type, size_bytes FROM layer_blob WHERE diff_id = ? ORDER BY size_bytes, digest", diffId)
    .map((row) => ({ digest: String(row.digest), mediaType: String(row.media_type), sizeBytes: Number(row.size_bytes) }));
}

/** The diff id of the layer that a compressed blob unpacks to, as far as one was unpacked here. */
export function diffIdOfBlob(store: Database, digest: string): string | undefined {
  const row = store.get("SELECT diff_id FROM layer_blob WHERE digest = ?", digest);
  return row && String(row.diff_id);
}

/** Keeps blobs from being collected while the process lives. */
export function holdBlob(store: Database, digest: string, holder: Pick<Holder, "pid" | "startTime">): void {
  store.run("INSERT OR REPLACE INTO blob_hold (digest, pid, start_time) VALUES (?, ?, ?)", digest, holder.pid, holder.startTime);
}

export function releaseBlobs(store: Database, pid: number): void {
  store.run("DELETE FROM blob_hold WHERE pid = ?", pid);
}
