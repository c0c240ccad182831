// Use case: what was pushed to the registry, one row for each tag, and for each manifest without one.
import { TsnsError } from "../../base/error.ts";
import { blobSize } from "../../store/content.ts";
import { listRepositoryManifests, listRepositoryTags, type PushedManifest, repositoryContent } from "../../store/repository.ts";
import type { Engine } from "../engine.ts";

export interface RegistryRow {
  readonly repository: string;
  /** "<none>" for a manifest that only its digest, an index or a subject leads to. */
  readonly tag: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactType: string;
  /** Compressed bytes: the manifest and all that it names, each blob once. */
  readonly sizeBytes: number;
  readonly pushedMs: number;
}

/** Throws not-found `no-such-repository` for a name that has nothing. */
export function listRegistryRows(engine: Engine, repository?: string): readonly RegistryRow[] {
  const manifests = listRepositoryManifests(engine.store, repository);
  if (repository !== undefined && manifests.length === 0) throw noSuchRepository(repository);
  const sizes = new Map<string, number>();
  return manifests.flatMap((manifest) => {
    const tags = listRepositoryTags(engine.store, manifest.repository).filter(({ digest }) => digest === manifest.digest);
    const row = rowOf(manifest, sizeOf(engine, manifest, sizes));
    return tags.length === 0 ? [row] : tags.map(({ tag }) => ({ ...row, tag }));
  });
}

function rowOf({ repository, digest, mediaType, artifactType = "", pushedMs }: PushedManifest, sizeBytes: number): RegistryRow {
  return { repository, tag: "<none>", digest, mediaType, artifactType, sizeBytes, pushedMs };
}

/** What the manifests of an index name counts too. */
function sizeOf(engine: Engine, { repository, digest }: PushedManifest, sizes: Map<string, number>): number {
  const seen = new Set<string>();
  const visit = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const child of repositoryContent(engine.store, repository, name)) visit(child);
  };
  visit(digest);
  let bytes = 0;
  for (const name of seen) {
    const size = sizes.get(name) ?? blobSize(engine.root, name) ?? 0;
    sizes.set(name, size);
    bytes += size;
  }
  return bytes;
}

export function noSuchRepository(name: string): TsnsError {
  return new TsnsError("not-found", "no-such-repository", `nothing was pushed to a repository ${name}`, { hint: "see tsns registry ls" });
}
