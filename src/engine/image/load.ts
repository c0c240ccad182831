// Use case: an archive of images (docker save, OCI layout) into the store. Every layer is verified against its diff id.
import { KernelError, named, TsnsError } from "../../base/error.ts";
import { shortId } from "../../base/id.ts";
import { hostPlatform, type Platform } from "../../image/platform.ts";
import type { OnProgress } from "../../image/progress.ts";
import { renderReference } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { type ArchiveFile, openArchive, tryOpenArchive } from "../../kernel/tree/archive-file.ts";
import type { StagedLayer } from "../../kernel/tree/layer.ts";
import { type Chunks, checkReadable } from "../../kernel/tree/stream.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { digestOf, putBlob } from "../../store/blob.ts";
import { blobSize } from "../../store/content.ts";
import { diffIdOfBlob, holdBlob, type LayerBlob, releaseBlobs } from "../../store/image-content.ts";
import { findLayer } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";
import { type ArchivedLayer, type ImageInArchive, readImages } from "./archived.ts";
import { commitImages, type NewImage, withWorkDirectory } from "./commit.ts";
import { recordImageEvent } from "./event.ts";
import { hasLayerSource } from "./layer-source.ts";
import { stageSource } from "./stage.ts";
import { findUnpackLimits } from "./unpack-limit.ts";

export interface LoadRequest {
  /** A file, or its bytes. */
  readonly source: string | Chunks;
  /** Which image of an index; default: this machine's. */
  readonly platform?: Platform;
  /** Told of each layer that has to be unpacked, while it is read. */
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
  /** How much a layer may unpack to (src/image/unpack-limit.ts); absent: as set for this data root. */
  readonly unpackLimit?: string | undefined;
}

export interface Loaded {
  readonly image: ImageRecord;
  /** Names it has been given, as stored. */
  readonly names: readonly string[];
}

/** How often another command may take layers away under a load. */
const attemptsMax = 3;

/** Loads all images of an archive, or none. Undefined after a dry run. Throws TsnsError invalid `bad-archive`, `layer-mismatch`, and what unpacking throws. */
export async function loadImages(engine: Engine, request: LoadRequest): Promise<readonly Loaded[] | undefined> {
  const { source } = request;
  if (engine.mode.dryRun && typeof source === "string") checkReadable(source);
  const platform = request.platform ?? hostPlatform();
  const limits = findUnpackLimits(engine, request.unpackLimit);
  const stepsIn = (directory: string) => planLoad(engine, source, directory, platform);
  return nameSource(source, () =>
    withWorkDirectory(engine, stepsIn, async (directory) => {
      using archive = await openArchive(source, `${directory}/archive`, request.signal, limits);
      const images = readImages(archive, platform);
      engine.timings.mark("archive opened");
      try {
        const loaded = await storeImages(engine, archive, images, { directory, layers: new Map(), blobs: new Map(), trees: 0, request });
        for (const { image } of loaded) recordImageEvent(engine, "load", { id: image.id, image });
        return loaded;
      } finally {
        releaseBlobs(engine.store, engine.self.pid);
      }
    }),
  );
}

/** A system call that fails on a file inside says of which archive. */
async function nameSource<T>(source: string | Chunks, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof KernelError ? named(error, typeof source === "string" ? source : "standard input") : error;
  }
}

interface Staging {
  readonly directory: string;
  /** By diff id. */
  readonly layers: Map<string, StagedLayer>;
  /** By the member they came from. */
  readonly blobs: Map<string, { readonly diffId: string; readonly blob: LayerBlob }>;
  /** Directories begun. */
  trees: number;
  readonly request: LoadRequest;
}

async function storeImages(
  engine: Engine,
  archive: ArchiveFile,
  images: readonly ImageInArchive[],
  staging: Staging,
): Promise<readonly Loaded[]> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    for (const image of images) await stageMissing(engine, archive, image, staging);
    engine.timings.mark("layers unpacked");
    const records = commitImages(
      engine,
      images.map((image) => withContent(engine, image, staging)),
      staging.layers,
    );
    engine.timings.mark("images stored");
    if (records) return records.map((image, at) => ({ image, names: images[at]?.image.references.map(renderReference) ?? [] }));
  }
  throw new TsnsError("conflict", "layers-vanish", "other commands remove the layers of these images while they are loaded", {
    hint: "try again",
  });
}

/** The image with its manifests, stored and held, and with what is known of its layers' compressed forms. */
function withContent(engine: Engine, { image, layers, manifests }: ImageInArchive, staging: Staging): NewImage {
  const kept = engine.store.transaction(() =>
    manifests.map(({ text, mediaType }) => {
      const digest = putBlob(engine.root, text);
      holdBlob(engine.store, digest, engine.self);
      return { digest, mediaType };
    }),
  );
  return { ...image, manifests: kept, layerBlobs: layers.flatMap(({ member }) => staging.blobs.get(member) ?? []) };
}

/** What a load will do. An archive that has to be copied first keeps its images to itself until then. */
function planLoad(engine: Engine, source: string | Chunks, directory: string, platform: Platform): PlannedStep[] {
  const path = typeof source === "string" ? source : "-";
  using archive = typeof source === "string" ? tryOpenArchive(source) : undefined;
  if (archive) return planImages(engine, path, readImages(archive, platform), directory);
  return [
    {
      step: { kind: "archive.copy", source: path, path: `${directory}/archive` },
      because: "compressed or a pipe: its members can be read in any order only from a plain file; which images it holds is known then",
    },
    { step: { kind: "image.put", names: [] }, because: "the images of the archive, all or none; their layers are unpacked before" },
  ];
}

function planImages(engine: Engine, archive: string, images: readonly ImageInArchive[], directory: string): PlannedStep[] {
  const planned = new Set<string>();
  const unpack = images.flatMap(({ layers }) =>
    layers.flatMap(({ member, diffId }): PlannedStep[] => {
      if (planned.has(diffId) || findLayer(engine.store, diffId)) return [];
      planned.add(diffId);
      const place = `${directory}/${planned.size - 1}`;
      return [
        {
          step: { kind: "layer.unpack", archive, member, directory: place },
          because: `no image has the layer ${shortId(diffId)} yet; verified against its diff id`,
        },
      ];
    }),
  );
  const put = images.map(
    ({ image }): PlannedStep => ({
      step: { kind: "image.put", id: digestOf(image.configText), names: image.references.map(renderReference) },
      because: "layers are renamed to their digests, the image becomes known; all images of the archive or none",
    }),
  );
  return [...unpack, ...put];
}

async function stageMissing(engine: Engine, archive: ArchiveFile, { layers }: ImageInArchive, staging: Staging): Promise<void> {
  for (const layer of layers) {
    const { diffId, member } = layer;
    const isThere = staging.layers.has(diffId) || findLayer(engine.store, diffId) !== undefined;
    if (isThere && hasBytes(engine, layer, staging)) continue;
    const stage = await stageSource(engine, {
      ...layer,
      source: watch(archive, layer, staging.request.onProgress),
      signal: staging.request.signal,
      unpackLimit: staging.request.unpackLimit,
      // one that is there without its bytes gets at least those
      ...(isThere && isPackedLayer(layer) ? {} : { path: `${staging.directory}/${staging.trees++}` }),
    });
    if (stage.diffId !== diffId) throw mismatch(member, diffId, stage.diffId);
    for (const warning of stage.layer?.warnings ?? []) engine.warn(warning);
    if (stage.layer) staging.layers.set(diffId, stage.layer);
    if (stage.blob) staging.blobs.set(member, { diffId, blob: stage.blob });
  }
}

/** The bytes of a layer, counted as they are taken. */
async function* watch(archive: ArchiveFile, { member, diffId }: ArchivedLayer, onProgress: OnProgress = () => {}): AsyncGenerator<Buffer> {
  const total = archive.sizeOf(member);
  let current = 0;
  for await (const chunk of archive.stream(member)) {
    current += chunk.length;
    onProgress({ id: shortId(diffId), status: "Loading layer", current, total });
    yield chunk;
  }
}

const isPackedLayer = ({ mediaType = "" }: ArchivedLayer): boolean => /[.+](?:gzip|zstd)$/.test(mediaType);

/** Whether the layer can be handed on as this archive has it: for an image that keeps its manifest, by the digest in that. */
function hasBytes(engine: Engine, layer: ArchivedLayer, { layers, blobs }: Staging): boolean {
  if (blobs.has(layer.member)) return true;
  if (!isPackedLayer(layer)) return layers.has(layer.diffId) || hasLayerSource(engine, layer.diffId);
  return holdKnown(engine, layer);
}

/** Found and held in one transaction: a collection of garbage does not come between. */
function holdKnown(engine: Engine, { digest, diffId }: ArchivedLayer): boolean {
  if (digest === undefined || blobSize(engine.root, digest) === undefined) return false;
  return engine.store.transaction(() => {
    if (diffIdOfBlob(engine.store, digest) !== diffId || blobSize(engine.root, digest) === undefined) return false;
    holdBlob(engine.store, digest, engine.self);
    return true;
  });
}

function mismatch(member: string, expected: string, actual: string): TsnsError {
  return new TsnsError("invalid", "layer-mismatch", `the layer ${member} is ${actual}, its image says ${expected}`, {
    hint: "the archive is damaged or has been changed; fetch or make it again",
  });
}
