// Images by the repository their names belong to, as a registry asks for them. Rows only.
import { splitReferenceKey } from "../image/reference.ts";
import type { ImageRecord } from "../image/spec.ts";
import type { Database } from "./database.ts";

export interface NamedImage {
  /** "" for a name with a digest. */
  readonly tag: string;
  readonly image: ImageRecord;
}

/** Images with a name in a repository ("busybox", "reg.example:5000/x", as stored), by name. */
export function imagesNamed(store: Database, repository: string): readonly NamedImage[] {
  // ":" is followed by ";", "@" by "A": each range is an index search
  const rows = store.all(
    `SELECT name, record FROM tag JOIN image ON image.id = tag.image
     WHERE (name > ? || ':' AND name < ? || ';') OR (name > ? || '@' AND name < ? || 'A') ORDER BY name`,
    repository,
    repository,
    repository,
    repository,
  );
  return rows.map((row) => ({ tag: splitReferenceKey(String(row.name)).tag, image: JSON.parse(String(row.record)) as ImageRecord }));
}

/** Repositories that names of images belong to, as stored; each once. */
export function repositoriesOfImages(store: Database): readonly string[] {
  const rows = store.all("SELECT name FROM tag JOIN image ON image.id = tag.image");
  return [...new Set(rows.map((row) => splitReferenceKey(String(row.name)).repository))];
}

export interface BlobOwners {
  /** Images that have it as a manifest. */
  readonly manifests: readonly { readonly image: string; readonly mediaType: string }[];
  /** Layers that it is a compressed form of. */
  readonly diffIds: readonly string[];
}

/** What a blob belongs to, besides being the configuration of the image with that id. */
export function ownersOfBlob(store: Database, digest: string): BlobOwners {
  const manifests = store.all("SELECT image, media_type FROM manifest WHERE digest = ?", digest);
  const layers = store.all("SELECT diff_id FROM layer_blob WHERE digest = ?", digest);
  return {
    manifests: manifests.map((row) => ({ image: String(row.image), mediaType: String(row.media_type) })),
    diffIds: layers.map((row) => String(row.diff_id)),
  };
}
