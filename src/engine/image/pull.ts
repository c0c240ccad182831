// Use case: an image from a registry into the store. Everything is verified on its way; the image becomes known at the end, all at once.
// What a failure or a kill leaves is blobs that are whole, which the next pull does not fetch again, and tmp/, which the next command sweeps.
import { named } from "../../base/error.ts";
import type { Platform } from "../../image/platform.ts";
import type { OnProgress } from "../../image/progress.ts";
import { type Reference, renderReference, renderRepository } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import type { Registry } from "../../registry/client.ts";
import { holdBlob, putManifest, releaseBlobs } from "../../store/image-content.ts";
import { tagImage, tryFindImage } from "../../store/image-record.ts";
import type { Engine } from "../engine.ts";
import { connectRegistry, type RegistryAccess } from "../registry.ts";
import { recordImageEvent } from "./event.ts";
import { bringImage } from "./pull-bring.ts";
import { findKnown, planOf, referencesOf, storeManifests } from "./pull-known.ts";
import { checkPlatform, type Resolved, resolveManifest } from "./pull-resolve.ts";
import { findUnpackLimits } from "./unpack-limit.ts";

export interface PullRequest extends RegistryAccess {
  readonly reference: Reference;
  /** Default: this machine's. */
  readonly platform?: Platform | undefined;
  /** Layers that are downloaded at once. Default 3, docker's. */
  readonly downloads?: number;
  /** How much a layer may unpack to (src/image/unpack-limit.ts); absent: as set for this data root. */
  readonly unpackLimit?: string | undefined;
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

export interface PulledImage {
  readonly image: ImageRecord;
  /** The name as stored. */
  readonly name: string;
  /** What the name stands for at the registry: of the index where there is one. */
  readonly digest: string;
  /** false: the name stood for this very image before. */
  readonly isNew: boolean;
}

/** Pulls one image. Undefined after a dry run. */
export async function pullImage(engine: Engine, request: PullRequest): Promise<PulledImage | undefined> {
  using registry = await connect(engine, request);
  const pulled = await pullOne(engine, registry, request);
  if (pulled) request.onProgress?.({ message: statusLine(pulled.name, pulled.isNew) });
  return pulled;
}

/** Pulls all tags of a repository, one after the other. */
export async function pullAllTags(engine: Engine, request: PullRequest): Promise<readonly PulledImage[]> {
  using registry = await connect(engine, request);
  const { domain, path } = request.reference;
  const pulled: PulledImage[] = [];
  for (const tag of await registry.listTags()) {
    const image = await pullOne(engine, registry, { ...request, reference: { domain, path, tag } });
    if (image) pulled.push(image);
  }
  if (pulled.length > 0)
    request.onProgress?.({
      message: statusLine(
        renderRepository(request.reference),
        pulled.some((one) => one.isNew),
      ),
    });
  return pulled;
}

async function connect(engine: Engine, request: PullRequest): Promise<Registry> {
  findUnpackLimits(engine, request.unpackLimit); // a wrong one is said before anything is asked for
  return connectRegistry(request.reference, ["pull"], { onRetry: (text) => engine.warn(text), ...request });
}

function statusLine(name: string, isNew: boolean): string {
  return `Status: ${isNew ? "Downloaded newer image" : "Image is up to date"} for ${name}`;
}

async function pullOne(engine: Engine, registry: Registry, request: PullRequest): Promise<PulledImage | undefined> {
  const { reference, platform, onProgress } = request;
  const name = renderReference(reference);
  // opened first: without privilege that says so before anything is fetched
  void engine.store;
  const resolved = await resolveManifest(registry, { root: engine.root, reference, platform });
  engine.timings.mark("manifest fetched");
  onProgress?.({ message: `${askedOf(reference)}: Pulling from ${reference.path}` });
  const before = tryFindImage(engine.store, name)?.id;
  const isReal = !engine.mode.dryRun;
  try {
    if (isReal) holdBlobs(engine, resolved);
    const known = findKnown(engine, resolved);
    if (known) checkPlatform(known, request);
    const image = await (known ? nameKnown : bringImage)(engine, registry, request, resolved);
    if (!image) return undefined;
    onProgress?.({ message: `Digest: ${resolved.digest}` });
    recordImageEvent(engine, "pull", { id: name, name: renderRepository(reference), image });
    return { image, name, digest: resolved.digest, isNew: before !== image.id };
  } catch (error) {
    throw named(error, name, renderRepository(reference));
  } finally {
    if (isReal) releaseBlobs(engine.store, engine.self.pid);
  }
}

/** As docker says it before "Pulling from": a digest with all of its name. */
function askedOf({ domain, path, tag, digest }: Reference): string {
  return digest === undefined ? (tag ?? "latest") : `${domain}/${path}@${digest}`;
}

function holdBlobs(engine: Engine, { manifests, manifest }: Resolved): void {
  const digests = [...manifests, manifest.config, ...manifest.layers].map(({ digest }) => digest);
  engine.store.transaction(() => {
    for (const digest of new Set(digests)) holdBlob(engine.store, digest, engine.self);
  });
}

/** Names an image that is here: nothing but the manifest has moved. */
async function nameKnown(engine: Engine, registry: Registry, request: PullRequest, resolved: Resolved): Promise<ImageRecord | undefined> {
  if (engine.show({ steps: planOf(engine, request.reference, resolved, [], "") })) return undefined;
  const named = engine.store.transaction(() => {
    const image = findKnown(engine, resolved);
    if (!image) return undefined;
    storeManifests(engine, resolved);
    for (const { digest, mediaType } of resolved.manifests) putManifest(engine.store, image.id, { digest, mediaType });
    for (const name of referencesOf(request.reference, resolved)) tagImage(engine.store, image.id, name);
    return image;
  });
  // removed by another command since it was found
  return named ?? bringImage(engine, registry, request, resolved);
}
