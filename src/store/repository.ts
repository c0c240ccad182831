// Rows of the registry that serves this store: repositories with the manifests, tags and blobs that were pushed to them.
// Rows only: the bytes are blobs (content.ts), what manifests say is known by src/engine/registry-serve.

import type { Database, Row } from "./database.ts";

export interface RepositoryManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** The manifest this one is about (signature, attestation), as the distribution specification's referrers have it. */
  readonly subject?: string | undefined;
  readonly artifactType?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** How long a blob that was uploaded may wait for a manifest before it can be collected. */
export const unusedBlobMs = 24 * 3600 * 1000;

/** Digests of all blobs that repositories hold: manifests, what these name, and uploads of the last day that none names yet. */
export function repositoryBlobs(store: Database, nowMs: number): readonly string[] {
  return store
    .all(
      `SELECT digest FROM repository_manifest UNION SELECT digest FROM repository_content
       UNION SELECT digest FROM repository_blob WHERE linked_ms > ?`,
      nowMs - unusedBlobMs,
    )
    .map((row) => String(row.digest));
}

/** Names of all repositories that have a manifest, sorted. */
export function listRepositories(store: Database): readonly string[] {
  return store.all("SELECT DISTINCT repository FROM repository_manifest ORDER BY repository").map((row) => String(row.repository));
}

/** Notes a manifest and the blobs and manifests it names; call inside a transaction that has seen them all present. */
export function putRepositoryManifest(
  store: Database,
  repository: string,
  manifest: RepositoryManifest,
  content: readonly string[],
  nowMs: number,
): void {
  store.run(
    `INSERT OR REPLACE INTO repository_manifest
     (repository, digest, media_type, size_bytes, pushed_ms, subject, artifact_type, annotations) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    repository,
    manifest.digest,
    manifest.mediaType,
    manifest.sizeBytes,
    nowMs,
    manifest.subject ?? null,
    manifest.artifactType ?? null,
    manifest.annotations === undefined ? null : JSON.stringify(manifest.annotations),
  );
  for (const digest of content) {
    store.run(
      "INSERT OR IGNORE INTO repository_content (repository, manifest, digest) VALUES (?, ?, ?)",
      repository,
      manifest.digest,
      digest,
    );
  }
}

export function findRepositoryManifest(store: Database, repository: string, digest: string): RepositoryManifest | undefined {
  const row = store.get("SELECT * FROM repository_manifest WHERE repository = ? AND digest = ?", repository, digest);
  return row && parseManifest(row);
}

export interface PushedManifest extends RepositoryManifest {
  readonly repository: string;
  readonly pushedMs: number;
}

/** All manifests, of one repository or of all, in the order of names and of pushes. */
export function listRepositoryManifests(store: Database, repository?: string): readonly PushedManifest[] {
  const sql = "SELECT * FROM repository_manifest WHERE ? IS NULL OR repository = ? ORDER BY repository, pushed_ms, digest";
  return store
    .all(sql, repository ?? null, repository ?? null)
    .map((row) => ({ ...parseManifest(row), repository: String(row.repository), pushedMs: Number(row.pushed_ms) }));
}

/** Digests that a manifest of the repository names. */
export function repositoryContent(store: Database, repository: string, manifest: string): readonly string[] {
  return store
    .all("SELECT digest FROM repository_content WHERE repository = ? AND manifest = ?", repository, manifest)
    .map((row) => String(row.digest));
}

/** Manifests of a repository whose subject is `digest`, oldest first. */
export function listReferrers(store: Database, repository: string, digest: string): readonly RepositoryManifest[] {
  return store
    .all("SELECT * FROM repository_manifest WHERE repository = ? AND subject = ? ORDER BY pushed_ms, digest", repository, digest)
    .map(parseManifest);
}

/** Takes a manifest and the tags that point to it away; false if there was none. Its blobs stay until they are collected. */
export function removeRepositoryManifest(store: Database, repository: string, digest: string): boolean {
  store.run("DELETE FROM repository_tag WHERE repository = ? AND digest = ?", repository, digest);
  store.run("DELETE FROM repository_content WHERE repository = ? AND manifest = ?", repository, digest);
  return store.run("DELETE FROM repository_manifest WHERE repository = ? AND digest = ?", repository, digest) > 0;
}

/** Takes a repository away with all it holds; false if there was none. */
export function removeRepository(store: Database, repository: string): boolean {
  store.run("DELETE FROM repository_tag WHERE repository = ?", repository);
  store.run("DELETE FROM repository_content WHERE repository = ?", repository);
  store.run("DELETE FROM repository_blob WHERE repository = ?", repository);
  return store.run("DELETE FROM repository_manifest WHERE repository = ?", repository) > 0;
}

export function putRepositoryTag(store: Database, repository: string, tag: string, digest: string): void {
  store.run("INSERT OR REPLACE INTO repository_tag (repository, tag, digest) VALUES (?, ?, ?)", repository, tag, digest);
}

/** Digest of the manifest a tag points to. */
export function findRepositoryTag(store: Database, repository: string, tag: string): string | undefined {
  const row = store.get("SELECT digest FROM repository_tag WHERE repository = ? AND tag = ?", repository, tag);
  return row && String(row.digest);
}

export function removeRepositoryTag(store: Database, repository: string, tag: string): boolean {
  return store.run("DELETE FROM repository_tag WHERE repository = ? AND tag = ?", repository, tag) > 0;
}

/** Tags of one repository, sorted. */
export function listRepositoryTags(store: Database, repository: string): readonly { readonly tag: string; readonly digest: string }[] {
  return store
    .all("SELECT tag, digest FROM repository_tag WHERE repository = ? ORDER BY tag", repository)
    .map((row) => ({ tag: String(row.tag), digest: String(row.digest) }));
}

/** Lets a repository offer a blob that is in the store or is about to be. */
export function linkRepositoryBlob(store: Database, repository: string, digest: string, nowMs: number): void {
  store.run("INSERT OR REPLACE INTO repository_blob (repository, digest, linked_ms) VALUES (?, ?, ?)", repository, digest, nowMs);
}

export function unlinkRepositoryBlob(store: Database, repository: string, digest: string): boolean {
  return store.run("DELETE FROM repository_blob WHERE repository = ? AND digest = ?", repository, digest) > 0;
}

/** Whether a repository offers a blob: it was uploaded or mounted there, or one of its manifests names it. */
export function hasRepositoryBlob(store: Database, repository: string, digest: string): boolean {
  const linked = store.get("SELECT 1 AS found FROM repository_blob WHERE repository = ? AND digest = ?", repository, digest);
  return linked !== undefined || isRepositoryContent(store, repository, digest);
}

/** Whether a manifest of the repository names the blob or manifest. */
export function isRepositoryContent(store: Database, repository: string, digest: string): boolean {
  return store.get("SELECT 1 AS found FROM repository_content WHERE digest = ? AND repository = ?", digest, repository) !== undefined;
}

/** Forgets uploads that no manifest has named for over a day; their files go with the next collection. */
export function forgetUnusedBlobs(store: Database, nowMs: number): number {
  return store.run(
    `DELETE FROM repository_blob WHERE linked_ms <= ? AND NOT EXISTS
     (SELECT 1 FROM repository_content c WHERE c.digest = repository_blob.digest AND c.repository = repository_blob.repository)`,
    nowMs - unusedBlobMs,
  );
}

function parseManifest(row: Row): RepositoryManifest {
  return {
    digest: String(row.digest),
    mediaType: String(row.media_type),
    sizeBytes: Number(row.size_bytes),
    ...(row.subject === null ? {} : { subject: String(row.subject) }),
    ...(row.artifact_type === null ? {} : { artifactType: String(row.artifact_type) }),
    ...(row.annotations === null ? {} : { annotations: JSON.parse(String(row.annotations)) as Record<string, string> }),
  };
}
