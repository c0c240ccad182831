// A stored image as archives and registries want it: a manifest, its configuration and its layers, each with where its bytes come from.
// The manifest it came with is kept byte for byte where all it names can be had; else one is made of what there is.
import { readFileSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { hostImage } from "../../image/host.ts";
import { type Descriptor, parseManifestBytes, renderManifest } from "../../image/manifest.ts";
import {
  dockerConfigType,
  dockerGzipLayerType,
  dockerLayerType,
  dockerManifestType,
  dockerZstdLayerType,
  isManifestType,
  layerCompression,
  ociConfigType,
  ociGzipLayerType,
  ociLayerType,
  ociManifestType,
  ociZstdLayerType,
} from "../../image/media-type.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { type Chunks, readFileChunks } from "../../kernel/tree/stream.ts";
import { blobPath, digestOf } from "../../store/blob.ts";
import { blobSize } from "../../store/content.ts";
import { layerBlobsOf, manifestsOf } from "../../store/image-content.ts";
import type { Engine } from "../engine.ts";
import { knownTarBytes, openLayerBlob, openLayerTar, verifyChunks } from "./layer-source.ts";

export interface StoredLayer {
  readonly diffId: string;
  readonly descriptor: Descriptor;
  open(): Chunks;
}

export interface StoredImage {
  readonly image: ImageRecord;
  readonly config: Buffer;
  readonly manifest: { readonly bytes: Buffer; readonly mediaType: string; readonly digest: string };
  /** Whether the manifest is the one it came with. */
  readonly isKept: boolean;
  readonly layers: readonly StoredLayer[];
}

export interface StoredForm {
  /** Whose media types a manifest that is made has. */
  readonly family: "docker" | "oci";
  /** "packed": plain tars are compressed first, which is kept. "as-is": they stay plain. */
  readonly layers: "packed" | "as-is";
  /** Which manifests may be kept. */
  readonly keeps: (mediaType: string) => boolean;
  /** Called as soon as a layer can be had, which may take the time to compress it; the others are not waited for. */
  readonly onLayer?: (layer: StoredLayer) => void;
}

/** Throws TsnsError unsupported `host-image`, not-found `no-layer-source`. */
export async function openStoredImage(engine: Engine, image: ImageRecord, form: StoredForm): Promise<StoredImage> {
  if (image.id === hostImage.id) {
    throw new TsnsError("unsupported", "host-image", "the image host is this machine's own file system and has no layers to hand on", {
      hint: "pack what you want of it: tar -C / --one-file-system -c . | tsns import - NAME",
    });
  }
  const kept = findKept(engine, image, form.keeps);
  if (!kept) return makeOne(engine, image, readFileSync(blobPath(engine.root, image.id)), form);
  for (const layer of kept.layers) form.onLayer?.(layer);
  return kept;
}

/** With the manifest it came with, if all that this names can be had. */
export function findKept(engine: Engine, image: ImageRecord, keeps: StoredForm["keeps"]): StoredImage | undefined {
  const config = readFileSync(blobPath(engine.root, image.id));
  for (const { digest, mediaType } of manifestsOf(engine.store, image.id)) {
    if (!isManifestType(mediaType) || !keeps(mediaType) || blobSize(engine.root, digest) === undefined) continue;
    const bytes = readFileSync(blobPath(engine.root, digest));
    const manifest = parseManifestBytes(bytes, mediaType, `the manifest ${digest}`);
    if (manifest.kind !== "image" || manifest.layers.length !== image.diffIds.length || digestOf(bytes) !== digest) continue;
    const layers = manifest.layers.map((descriptor, at) => openDescribed(engine, image.diffIds[at] ?? "", descriptor));
    if (layers.every((layer) => layer !== undefined)) {
      return { image, config, manifest: { bytes, mediaType, digest }, isKept: true, layers };
    }
  }
  return undefined;
}

/** A layer by the digest its manifest gives it. */
function openDescribed(engine: Engine, diffId: string, descriptor: Descriptor): StoredLayer | undefined {
  const { digest, sizeBytes } = descriptor;
  if (blobSize(engine.root, digest) === sizeBytes) return { diffId, descriptor, open: () => openBlob(engine, digest) };
  if (digest === diffId && knownTarBytes(engine, diffId) === sizeBytes) {
    return { diffId, descriptor, open: () => openLayerTar(engine, diffId) };
  }
  return undefined;
}

const openBlob = (engine: Engine, digest: string): Chunks => verifyChunks(readFileChunks(blobPath(engine.root, digest)), digest);

async function makeOne(engine: Engine, image: ImageRecord, config: Buffer, form: StoredForm): Promise<StoredImage> {
  const isOci = form.family === "oci";
  const layers: StoredLayer[] = [];
  for (const diffId of image.diffIds) {
    const layer = await makeLayer(engine, diffId, form);
    layers.push(layer);
    form.onLayer?.(layer);
  }
  const bytes = renderManifest({
    mediaType: isOci ? ociManifestType : dockerManifestType,
    config: { mediaType: isOci ? ociConfigType : dockerConfigType, digest: image.id, sizeBytes: config.length },
    layers: layers.map(({ descriptor }) => descriptor),
    annotations: {},
  });
  const mediaType = isOci ? ociManifestType : dockerManifestType;
  return { image, config, manifest: { bytes, mediaType, digest: digestOf(bytes) }, isKept: false, layers };
}

async function makeLayer(engine: Engine, diffId: string, { family, layers }: StoredForm): Promise<StoredLayer> {
  const tarBytes = layers === "as-is" ? knownTarBytes(engine, diffId) : undefined;
  if (tarBytes !== undefined) {
    const descriptor = { mediaType: typeIn(family, "none"), digest: diffId, sizeBytes: tarBytes };
    return { diffId, descriptor, open: () => openLayerTar(engine, diffId) };
  }
  const hasAny = layers === "as-is" && layerBlobsOf(engine.store, diffId).length > 0;
  // docker of 2020 reads no zstd
  const { blob } = await openLayerBlob(engine, diffId, hasAny ? "any" : "gzip");
  const mediaType = typeIn(family, layerCompression(blob.mediaType) ?? "gzip");
  return { diffId, descriptor: { mediaType, digest: blob.digest, sizeBytes: blob.sizeBytes }, open: () => openBlob(engine, blob.digest) };
}

function typeIn(family: "docker" | "oci", compression: "none" | "gzip" | "zstd"): string {
  const types = {
    docker: { none: dockerLayerType, gzip: dockerGzipLayerType, zstd: dockerZstdLayerType },
    oci: { none: ociLayerType, gzip: ociGzipLayerType, zstd: ociZstdLayerType },
  };
  return types[family][compression];
}
