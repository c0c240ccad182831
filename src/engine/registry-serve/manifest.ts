// Use cases: manifests of a repository fetched, pushed, taken away. A pushed one is verified: all that it names has to be there.
import { readFileSync } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import { type Descriptor, type ImageIndex, type ImageManifest, manifestBytesMax, parseManifestBytes } from "../../image/manifest.ts";
import { isForeignLayerType } from "../../image/media-type.ts";
import { blobPath, digestOf, putBlob } from "../../store/blob.ts";
import {
  findRepositoryManifest,
  findRepositoryTag,
  listReferrers,
  putRepositoryManifest,
  putRepositoryTag,
  type RepositoryManifest,
  removeRepositoryManifest,
  removeRepositoryTag,
} from "../../store/repository.ts";
import { freeingTransaction } from "../../store/reserve.ts";
import { offeredSize } from "./blob.ts";
import { findLocalManifest, isLocalBlob, localImages } from "./local-image.ts";
import { checkDigest, checkName, type Place, parseTagOrDigest } from "./name.ts";
import { registryProblem } from "./problem.ts";
import type { RegistryService } from "./service.ts";

export { manifestBytesMax };

export interface ServedManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** Throws not-found `registry-manifest-unknown`. */
export async function findManifest(service: RegistryService, place: Place, reference: string): Promise<ServedManifest> {
  checkName(place.name);
  const wanted = parseTagOrDigest(reference);
  const { engine } = service;
  const digest = "tag" in wanted ? findRepositoryTag(engine.store, place.name, wanted.tag) : wanted.digest;
  const pushed = digest === undefined ? undefined : findRepositoryManifest(engine.store, place.name, digest);
  const found = pushed ?? (await findLocalManifest(service, place, wanted));
  if (!found) throw unknown(place.name, reference);
  try {
    return { digest: found.digest, mediaType: found.mediaType, bytes: readFileSync(blobPath(engine.root, found.digest)) };
  } catch (error) {
    throw isErrno(error, "ENOENT") ? unknown(place.name, reference) : error;
  }
}

export interface PushRequest {
  readonly reference: string;
  /** Content-Type. */
  readonly mediaType: string | undefined;
  readonly bytes: Buffer;
}

export interface Pushed {
  readonly digest: string;
  readonly subject?: string | undefined;
}

/** Throws invalid `registry-manifest-invalid`, `registry-manifest-blob-unknown` (with all that is missing), `registry-digest-invalid`. */
export function pushManifest(service: RegistryService, place: Place, { reference, mediaType, bytes }: PushRequest): Pushed {
  checkName(place.name);
  const wanted = parseTagOrDigest(reference);
  const digest = digestOf(bytes);
  if ("digest" in wanted && wanted.digest !== digest) {
    throw registryProblem("registry-digest-invalid", `the manifest is ${digest}, not ${wanted.digest}`);
  }
  const manifest = parse(bytes, mediaType);
  const { engine } = service;
  engine.store.transaction(() => {
    const content = contentOf(manifest);
    checkContent(service, place, content, manifest.kind === "index");
    putBlob(engine.root, bytes);
    const row = { ...describe(manifest), digest, sizeBytes: bytes.length };
    putRepositoryManifest(
      engine.store,
      place.name,
      row,
      content.map((item) => item.digest),
      service.nowMs(),
    );
    if ("tag" in wanted) putRepositoryTag(engine.store, place.name, wanted.tag, digest);
  });
  return { digest, subject: manifest.subject?.digest };
}

function parse(bytes: Buffer, mediaType: string | undefined): ImageManifest | ImageIndex {
  try {
    return parseManifestBytes(bytes, mediaType);
  } catch (error) {
    if (error instanceof TsnsError) throw registryProblem("registry-manifest-invalid", error.message, error);
    throw error;
  }
}

/** What has to be there with it: all but layers that are fetched from elsewhere. */
function contentOf(manifest: ImageManifest | ImageIndex): readonly Descriptor[] {
  if (manifest.kind === "index") return manifest.manifests;
  return [manifest.config, ...manifest.layers.filter(({ mediaType, urls }) => !(isForeignLayerType(mediaType) && urls?.length))];
}

/** What its row says of it; an artifact without a type of its own has that of its configuration. */
function describe(manifest: ImageManifest | ImageIndex): Omit<RepositoryManifest, "digest" | "sizeBytes"> {
  const { annotations, mediaType, subject } = manifest;
  const artifactType = manifest.artifactType ?? (manifest.kind === "image" ? manifest.config.mediaType : undefined);
  return { mediaType, subject: subject?.digest, artifactType, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) };
}

/** Inside the transaction that stores the manifest: what is there now stays. */
function checkContent(service: RegistryService, place: Place, content: readonly Descriptor[], isManifest: boolean): void {
  const missing: string[] = [];
  for (const { digest, sizeBytes } of content) {
    const actual = isManifest ? manifestSize(service, place, digest) : offeredSize(service, place, digest);
    if (actual === undefined) missing.push(`${place.name} has no ${isManifest ? "manifest" : "blob"} ${digest}: push it first`);
    else if (actual !== sizeBytes) {
      throw registryProblem("registry-size-invalid", `${digest} has ${actual} bytes, the manifest says ${sizeBytes}`);
    }
  }
  if (missing.length === 0) return;
  throw new TsnsError("invalid", "registry-manifest-blob-unknown", missing[0] ?? "", { problems: missing });
}

function manifestSize(service: RegistryService, place: Place, digest: string): number | undefined {
  const pushed = findRepositoryManifest(service.engine.store, place.name, digest);
  return pushed?.sizeBytes ?? (isLocalBlob(service.engine, place, digest) ? offeredSize(service, place, digest) : undefined);
}

/** Takes a tag away, or a manifest with all its tags. Throws not-found, and unsupported for what only the image store has. */
export function deleteManifest(service: RegistryService, place: Place, reference: string): void {
  checkName(place.name);
  const wanted = parseTagOrDigest(reference);
  const { root, store } = service.engine;
  const isRemoved = freeingTransaction(store, root, () =>
    "tag" in wanted
      ? removeRepositoryTag(store, place.name, wanted.tag)
      : removeRepositoryManifest(store, place.name, checkDigest(wanted.digest)),
  );
  if (isRemoved) return;
  const isLocal = "tag" in wanted ? hasLocalTag(service, place, wanted.tag) : isLocalBlob(service.engine, place, wanted.digest);
  if (!isLocal) throw unknown(place.name, reference);
  throw registryProblem("registry-unsupported", `${place.name}:${reference} is an image of this machine: tsns rmi removes it`);
}

function hasLocalTag(service: RegistryService, place: Place, tag: string): boolean {
  return localImages(service.engine, place).some((named) => named.tag === tag);
}

/** Manifests about another one (signatures, attestations), oldest first; all or those of one artifact type. */
export function findReferrers(
  service: RegistryService,
  place: Place,
  digest: string,
  artifactType?: string,
): readonly RepositoryManifest[] {
  checkName(place.name);
  const all = listReferrers(service.engine.store, place.name, checkDigest(digest));
  return artifactType === undefined ? all : all.filter((manifest) => manifest.artifactType === artifactType);
}

function unknown(name: string, reference: string): TsnsError {
  return registryProblem("registry-manifest-unknown", `${name} has no manifest ${reference}`);
}
