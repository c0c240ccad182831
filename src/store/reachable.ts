// What the store's rows lead to: which blobs and layers something wants, and rows that lead nowhere. Knows no files, and not which processes
// live: that is asked.
import type { Database } from "./database.ts";
import { dropHiddenImages } from "./image-record.ts";
import type { Holder } from "./operation-lock.ts";
import { forgetUnusedBlobs, repositoryBlobs } from "./repository.ts";

/** Why a blob is there. */
export type BlobUse = "configuration" | "manifest" | "compressed layer" | "registry" | "held by a command";

export interface Reachable {
  /** By digest. */
  readonly blobs: ReadonlyMap<string, BlobUse>;
  /** Diff ids of layers that an image has or a living command holds. */
  readonly layers: ReadonlySet<string>;
}

export type IsAlive = (holder: Pick<Holder, "pid" | "startTime">) => boolean;

/** What is reachable now; `without`: as if these images were not there. */
export function readReachable(store: Database, isAlive: IsAlive, without: ReadonlySet<string> = new Set()): Reachable {
  const blobs = new Map<string, BlobUse>();
  const layers = new Set<string>();
  // The last word on a blob is the strongest reason.
  const held = store.all("SELECT digest, pid, start_time FROM blob_hold").filter((row) => isAlive(holderOf(row)));
  for (const row of held) {
    blobs.set(String(row.digest), "held by a command");
    layers.add(String(row.digest));
  }
  for (const digest of repositoryBlobs(store, Date.now())) blobs.set(digest, "registry");
  const images = new Set(store.all("SELECT id FROM image").map((row) => String(row.id)));
  for (const id of without) images.delete(id);
  for (const row of store.all("SELECT image.id, value FROM image, json_each(image.record, '$.diffIds')")) {
    if (images.has(String(row.id))) layers.add(String(row.value));
  }
  for (const row of store.all("SELECT diff_id, digest FROM layer_blob")) {
    if (layers.has(String(row.diff_id))) blobs.set(String(row.digest), "compressed layer");
  }
  for (const row of store.all("SELECT digest, image FROM manifest")) {
    if (images.has(String(row.image))) blobs.set(String(row.digest), "manifest");
  }
  for (const id of images) blobs.set(id, "configuration");
  return { blobs, layers };
}

/** Forgets rows that lead nowhere; to be called in a transaction. */
export function forgetUnreachable(store: Database, isAlive: IsAlive): void {
  for (const row of store.all("SELECT DISTINCT pid, start_time FROM blob_hold")) {
    const { pid, startTime } = holderOf(row);
    if (!isAlive({ pid, startTime })) store.run("DELETE FROM blob_hold WHERE pid = ? AND start_time = ?", pid, startTime);
  }
  forgetUnusedBlobs(store, Date.now());
  dropHiddenImages(store);
  store.run("DELETE FROM manifest WHERE image NOT IN (SELECT id FROM image)");
  const wanted = "SELECT value FROM image, json_each(image.record, '$.diffIds') UNION SELECT digest FROM blob_hold";
  store.run(`DELETE FROM layer_blob WHERE diff_id NOT IN (${wanted})`);
  store.run(`DELETE FROM layer WHERE diff_id NOT IN (${wanted})`);
}

/** Rows that `forgetUnreachable` would forget, in words. */
export function listUnreachableRows(store: Database, isAlive: IsAlive, { blobs, layers }: Reachable): readonly string[] {
  const holds = store.all("SELECT digest, pid, start_time FROM blob_hold").filter((row) => !isAlive(holderOf(row)));
  const manifests = store.all("SELECT digest, image FROM manifest WHERE image NOT IN (SELECT id FROM image)");
  const compressed = store.all("SELECT DISTINCT digest, diff_id FROM layer_blob").filter((row) => !layers.has(String(row.diff_id)));
  const unpacked = store.all("SELECT diff_id FROM layer").filter((row) => !layers.has(String(row.diff_id)));
  return [
    ...holds.map((row) => `hold of ${row.digest} by pid ${row.pid}`),
    ...manifests.map((row) => `manifest ${row.digest}${blobs.has(String(row.digest)) ? " of a removed image" : ""}`),
    ...compressed.map((row) => `compressed layer ${row.digest}`),
    ...unpacked.map((row) => `layer ${row.diff_id}`),
  ];
}

/** Sizes in bytes of the files of all unpacked layers, by diff id. */
export function listLayerSizes(store: Database): ReadonlyMap<string, number> {
  return new Map(store.all("SELECT diff_id, size_bytes FROM layer").map((row) => [String(row.diff_id), Number(row.size_bytes)]));
}

/** Sizes in bytes of compressed layers, by digest. */
export function listBlobSizes(store: Database): ReadonlyMap<string, number> {
  return new Map(store.all("SELECT digest, size_bytes FROM layer_blob").map((row) => [String(row.digest), Number(row.size_bytes)]));
}

/** Layers of all images, also of those that only containers keep. */
export function listDiffIds(store: Database): readonly { readonly id: string; readonly diffIds: readonly string[] }[] {
  return store
    .all("SELECT id, record ->> '$.diffIds' AS diff_ids FROM image")
    .map((row) => ({ id: String(row.id), diffIds: JSON.parse(String(row.diff_ids)) as string[] }));
}

function holderOf(row: Readonly<Record<string, string | number | null>>): Pick<Holder, "pid" | "startTime"> {
  return { pid: Number(row.pid), startTime: Number(row.start_time) };
}
