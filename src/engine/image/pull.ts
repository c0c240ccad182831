// Use case: an image from a registry into the store. Everything is verified on its way; the image becomes known at the end, all at once.
// What a failure or a kill leaves is blobs that are whole, which the next pull does not fetch again, and tmp/, which the next command sweeps.
import { named, TsnsError } from "../../base/error.ts";
import type { Descriptor } from "../../image/manifest.ts";
import type { Platform } from "../../image/platform.ts";
import type { OnProgress } from "../../image/progress.ts";
import { type Reference, renderReference, renderRepository } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { isPresent } from "../../kernel/tree/layer.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { Registry } from "../../registry/client.ts";
import { putBlob } from "../../store/blob.ts";
import { blobSize } from "../../store/content.ts";
import { diffIdOfBlob, holdBlob, putManifest, releaseBlobs } from "../../store/image-content.ts";
import { tagImage, tryFindImage } from "../../store/image-record.ts";
import { findLayer, layerPath } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";
import { connectRegistry, type RegistryAccess } from "../registry.ts";
import { commitImages, type NewImage, withWorkDirectory } from "./commit.ts";
import { recordImageEvent } from "./event.ts";
import { hasLayerSource } from "./layer-source.ts";
import type { WantedLayer } from "./pull-layer.ts";
import { planPull } from "./pull-plan.ts";
import { checkPlatform, type Resolved, type ResolvedConfig, resolveConfig, resolveManifest } from "./pull-resolve.ts";
import { announceLayers, type Fetched, layerPlace, type MissingLayer, stageLayers } from "./pull-stage.ts";
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

const defaultDownloads = 3;
/** How often another command may take layers away under a pull. */
const attemptsMax = 3;

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
    const image = await (known ? nameKnown : bring)(engine, registry, request, resolved);
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

/** The names an image gets: the one asked for, and the one by digest. */
function referencesOf({ domain, path, tag, digest }: Reference, resolved: Resolved): Reference[] {
  const byDigest = { domain, path, digest: resolved.digest };
  return digest === undefined && tag !== undefined ? [{ domain, path, tag }, byDigest] : [byDigest];
}

/** The image if it is here with all of its layers and their bytes. */
function findKnown(engine: Engine, { manifest }: Resolved): ImageRecord | undefined {
  const known = tryFindImage(engine.store, manifest.config.digest);
  return known?.diffIds.every((diffId) => isLayerThere(engine, diffId) && hasLayerSource(engine, diffId)) ? known : undefined;
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
  return named ?? bring(engine, registry, request, resolved);
}

function isLayerThere(engine: Engine, diffId: string): boolean {
  return findLayer(engine.store, diffId) !== undefined && isPresent(layerPath(engine.root, diffId));
}

function isBlobThere(engine: Engine, { digest, sizeBytes }: Descriptor): boolean {
  return blobSize(engine.root, digest) === sizeBytes;
}

function storeManifests(engine: Engine, { manifests }: Resolved): void {
  for (const { digest, bytes } of manifests) if (blobSize(engine.root, digest) !== bytes.length) putBlob(engine.root, bytes);
}

/** Fetches what is missing and stores the image. */
async function bring(engine: Engine, registry: Registry, request: PullRequest, resolved: Resolved): Promise<ImageRecord | undefined> {
  const { reference, platform, onProgress, signal } = request;
  const name = renderReference(reference);
  const limits = findUnpackLimits(engine, request.unpackLimit);
  const config = await resolveConfig(registry, resolved, { root: engine.root, reference, platform });
  engine.timings.mark("configuration fetched");
  const layers = layersOf(resolved, config);
  const findMissing = () => layers.flatMap((layer) => missingOf(engine, layer));
  const stepsIn = (directory: string) => planOf(engine, reference, resolved, findMissing(), directory);
  return withWorkDirectory(engine, stepsIn, async (directory) => {
    announceLayers(layers, findMissing(), onProgress);
    const fetched: Fetched = { staged: new Map(), verified: new Set() };
    const { staged, verified } = fetched;
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const missing = findMissing().filter(({ diffId, isBare }) => !(isBare ? verified : staged).has(diffId));
      const downloads = request.downloads ?? defaultDownloads;
      await stageLayers(registry, missing, fetched, { root: engine.root, name, directory, downloads, limits, onProgress, signal });
      engine.timings.mark("layers fetched and unpacked");
      storeManifests(engine, resolved);
      const [image] = commitImages(engine, [newImage(engine, { reference, resolved, config, layers, verified })], staged) ?? [];
      engine.timings.mark("image stored");
      if (!image) continue;
      for (const warning of [...staged.values()].flatMap((layer) => layer.warnings)) engine.warn(warning);
      return image;
    }
    throw new TsnsError("conflict", "layers-vanish", `other commands remove the layers of ${name} while it is pulled`, {
      hint: "try again",
    });
  });
}

/** The layer as it has to be fetched: to be unpacked, or only for its bytes; nothing where all is there. */
function missingOf(engine: Engine, layer: WantedLayer): readonly MissingLayer[] {
  if (!isLayerThere(engine, layer.diffId)) return [layer];
  return hasLayerSource(engine, layer.diffId) ? [] : [{ ...layer, isBare: true }];
}

/** Each layer once: an image may have the same one several times. */
function layersOf({ manifest }: Resolved, { description }: ResolvedConfig): WantedLayer[] {
  const layers = new Map<string, WantedLayer>();
  for (const [at, diffId] of description.diffIds.entries()) {
    const descriptor = manifest.layers[at];
    if (descriptor && !layers.has(diffId)) layers.set(diffId, { descriptor, diffId });
  }
  return [...layers.values()];
}

interface Brought {
  readonly reference: Reference;
  readonly resolved: Resolved;
  readonly config: ResolvedConfig;
  readonly layers: readonly WantedLayer[];
  readonly verified: ReadonlySet<string>;
}

function newImage(engine: Engine, { reference, resolved, config, layers, verified }: Brought): NewImage {
  return {
    description: config.description,
    configText: config.text,
    references: referencesOf(reference, resolved),
    manifests: resolved.manifests.map(({ digest, mediaType }) => ({ digest, mediaType })),
    layerBlobs: layers.flatMap(({ descriptor, diffId }) => {
      const { digest, mediaType, sizeBytes } = descriptor;
      // what an image says of a blob that was not read counts for nothing: other images would be saved and pushed with it
      const isKnown = verified.has(diffId) || diffIdOfBlob(engine.store, digest) === diffId;
      return isKnown && isBlobThere(engine, descriptor) ? [{ diffId, blob: { digest, mediaType, sizeBytes } }] : [];
    }),
  };
}

function planOf(
  engine: Engine,
  reference: Reference,
  resolved: Resolved,
  missing: readonly MissingLayer[],
  directory: string,
): PlannedStep[] {
  const { config } = resolved.manifest;
  return planPull({
    root: engine.root,
    repository: `${reference.domain}/${reference.path}`,
    imageId: config.digest,
    names: referencesOf(reference, resolved).map(renderReference),
    asked: reference.digest ?? reference.tag ?? "latest",
    manifests: resolved.manifests,
    config: { digest: config.digest, isThere: isBlobThere(engine, config) },
    layers: missing.map((layer) => ({
      digest: layer.descriptor.digest,
      isThere: isBlobThere(engine, layer.descriptor),
      ...(layer.isBare ? {} : { directory: layerPlace(directory, layer) }),
    })),
  });
}
