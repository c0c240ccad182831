// Use case: tags, manifests and repositories taken from the registry. With the last tag of a manifest go what only it led to: manifests of
// an index, and what is about it. Files go with them unless something else has them.
import { TsnsError } from "../../base/error.ts";
import { isRepositoryPath } from "../../image/reference.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import {
  findRepositoryManifest,
  findRepositoryTag,
  isRepositoryContent,
  listReferrers,
  listRepositoryManifests,
  listRepositoryTags,
  removeRepository,
  removeRepositoryManifest,
  removeRepositoryTag,
  repositoryContent,
  unlinkRepositoryBlob,
} from "../../store/repository.ts";
import { freeingTransaction } from "../../store/reserve.ts";
import type { Engine } from "../engine.ts";
import { collectBlobs } from "../image/collect.ts";
import { noSuchRepository } from "./list.ts";
import { parseTagOrDigest } from "./name.ts";

export interface RegistryRemoval {
  /** NAME:TAG */
  readonly untagged: readonly string[];
  /** NAME@DIGEST */
  readonly deleted: readonly string[];
}

interface Target {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** `text`: NAME, NAME:TAG or NAME@DIGEST. Undefined when the plan was only shown. Throws not-found `no-such-repository`, `no-such-tag`; invalid. */
export function removeFromRegistry(engine: Engine, text: string): RegistryRemoval | undefined {
  const target = parseTarget(text);
  if (engine.show({ steps: planOf(decide(engine, target)) })) return undefined;
  const removal = freeingTransaction(engine.store, engine.root, () => {
    const decision = decide(engine, target);
    const { repository, untagged, deleted } = decision;
    for (const tag of untagged) removeRepositoryTag(engine.store, repository, tag);
    for (const digest of deleted) removeManifest(engine.store, repository, digest);
    if (target.tag === undefined && target.digest === undefined) removeRepository(engine.store, repository);
    return { untagged: untagged.map((tag) => `${repository}:${tag}`), deleted: deleted.map((digest) => `${repository}@${digest}`) };
  });
  engine.timings.mark("rows removed");
  collectBlobs(engine, { measure: false });
  engine.timings.mark("files removed");
  return removal;
}

/** Its blobs are offered no longer, as far as no other manifest names them, also those that were uploaded today. */
function removeManifest(store: Engine["store"], repository: string, digest: string): void {
  const content = repositoryContent(store, repository, digest);
  removeRepositoryManifest(store, repository, digest);
  for (const blob of content) if (!isRepositoryContent(store, repository, blob)) unlinkRepositoryBlob(store, repository, blob);
}

function parseTarget(text: string): Target {
  const at = text.indexOf("@");
  const colon = at < 0 ? text.lastIndexOf(":") : at;
  const repository = colon < 0 ? text : text.slice(0, colon);
  if (!isRepositoryPath(repository)) {
    throw new TsnsError("invalid", "bad-repository", `${JSON.stringify(text)} is no NAME, NAME:TAG or NAME@DIGEST of a repository`, {
      hint: "see tsns registry ls",
    });
  }
  return colon < 0 ? { repository } : { repository, ...parseTagOrDigest(text.slice(colon + 1)) };
}

interface Decision {
  readonly repository: string;
  readonly untagged: readonly string[];
  readonly deleted: readonly string[];
}

function decide({ store }: Engine, { repository, tag, digest }: Target): Decision {
  const tags = listRepositoryTags(store, repository);
  if (tag === undefined && digest === undefined) {
    const deleted = listRepositoryManifests(store, repository).map((manifest) => manifest.digest);
    if (deleted.length === 0) throw noSuchRepository(repository);
    return { repository, untagged: tags.map((row) => row.tag), deleted };
  }
  const first = tag === undefined ? digest : findRepositoryTag(store, repository, tag);
  if (first === undefined || !findRepositoryManifest(store, repository, first)) {
    throw new TsnsError("not-found", "no-such-tag", `${repository} has no ${tag === undefined ? digest : `tag ${tag}`}`, {
      hint: "see tsns registry ls",
    });
  }
  const untagged = tag === undefined ? tags.filter((row) => row.digest === first).map((row) => row.tag) : [tag];
  const kept = new Set(tags.filter((row) => !untagged.includes(row.tag)).map((row) => row.digest));
  const isKept = kept.has(first) || (tag !== undefined && isRepositoryContent(store, repository, first));
  return { repository, untagged, deleted: isKept ? [] : withFollowers(store, repository, first, kept) };
}

/** The manifest, then those that only it led to. */
function withFollowers(store: Engine["store"], repository: string, first: string, kept: ReadonlySet<string>): readonly string[] {
  const gone = new Set([first]);
  for (const digest of gone) {
    const children = repositoryContent(store, repository, digest).filter((child) => findRepositoryManifest(store, repository, child));
    const about = listReferrers(store, repository, digest).map((manifest) => manifest.digest);
    for (const follower of [...children, ...about]) {
      if (!kept.has(follower) && !hasOtherParent(store, repository, follower, gone)) gone.add(follower);
    }
  }
  return [...gone];
}

function hasOtherParent(store: Engine["store"], repository: string, digest: string, gone: ReadonlySet<string>): boolean {
  return listRepositoryManifests(store, repository).some(
    (manifest) => !gone.has(manifest.digest) && repositoryContent(store, repository, manifest.digest).includes(digest),
  );
}

function planOf({ repository, untagged, deleted }: Decision): PlannedStep[] {
  return [
    ...untagged.map((tag): PlannedStep => ({ step: { kind: "repository.remove", repository, tag }, because: "a tag that is to go" })),
    ...deleted.map(
      (digest): PlannedStep => ({
        step: { kind: "repository.remove", repository, digest },
        because: "no tag leads to it any more; what nothing else has of it is removed from the disk",
      }),
    ),
  ];
}
