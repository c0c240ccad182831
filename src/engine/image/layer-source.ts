// Where the bytes of a stored layer come from: the plain tar (a blob unpacked, or written again by its recipe), and its compressed form
// for a registry, which is made once and kept. Every byte is verified on its way out.
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createZstdCompress } from "node:zlib";
import { TsnsError } from "../../base/error.ts";
import { shortId } from "../../base/id.ts";
import { layerCompression, ociGzipLayerType, ociZstdLayerType } from "../../image/media-type.ts";
import { compressGzip } from "../../kernel/tree/gzip.ts";
import { readRecipe, readRecipeIndex } from "../../kernel/tree/recipe-read.ts";
import { type Chunks, decompress, readFileChunks } from "../../kernel/tree/stream.ts";
import { blobPath } from "../../store/blob.ts";
import { blobSize, openIngest } from "../../store/content.ts";
import { holdBlob, type LayerBlob, layerBlobsOf, putLayerBlob } from "../../store/image-content.ts";
import { layerPath, recipePath } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";

export type WantedCompression = "gzip" | "zstd" | "any";

/** A stored layer's uncompressed tar, verified against the diff id. Throws TsnsError not-found `no-layer-source`, invalid `layer-changed`. */
export function openLayerTar(engine: Engine, diffId: string): Chunks {
  const recipe = recipePath(engine.root, diffId);
  if (readRecipeIndex(recipe)) return readRecipe({ recipe, directory: layerPath(engine.root, diffId), diffId });
  const blob = presentBlobs(engine, diffId)[0];
  if (!blob) throw noSource(diffId);
  return verifyChunks(decompress(readFileChunks(blobPath(engine.root, blob.digest))), diffId);
}

/** Size in bytes of the uncompressed tar where that is known without reading it. */
export function knownTarBytes(engine: Engine, diffId: string): number | undefined {
  return readRecipeIndex(recipePath(engine.root, diffId))?.tarBytes;
}

/** Whether the layer's tar can be had. One that an older tsns unpacked has none. */
export function hasLayerSource(engine: Engine, diffId: string): boolean {
  return presentBlobs(engine, diffId).length > 0 || readRecipeIndex(recipePath(engine.root, diffId)) !== undefined;
}

export interface OpenLayerBlob {
  readonly blob: LayerBlob;
  open(): Chunks;
}

/**
 * The layer's compressed form. Without one in the store the tar is compressed (gzip unless zstd is wanted), kept as blob and noted, so the
 * next time it is a copy. The blob is held for this process. Throws as `openLayerTar`.
 */
export async function openLayerBlob(engine: Engine, diffId: string, want: WantedCompression): Promise<OpenLayerBlob> {
  const fits = ({ mediaType }: LayerBlob) => want === "any" || layerCompression(mediaType) === want;
  const blob = holdPresent(engine, diffId, fits) ?? (await makeBlob(engine, diffId, want === "zstd" ? "zstd" : "gzip"));
  return { blob, open: () => verifyChunks(readFileChunks(blobPath(engine.root, blob.digest)), blob.digest) };
}

/** Found and held in one transaction: a collection of garbage does not come between. */
function holdPresent(engine: Engine, diffId: string, fits: (blob: LayerBlob) => boolean): LayerBlob | undefined {
  return engine.store.transaction(() => {
    const found = presentBlobs(engine, diffId).find(fits);
    if (found) holdBlob(engine.store, found.digest, engine.self);
    return found;
  });
}

async function makeBlob(engine: Engine, diffId: string, compression: "gzip" | "zstd"): Promise<LayerBlob> {
  const tar = openLayerTar(engine, diffId);
  using ingest = openIngest(engine.root, `the layer ${shortId(diffId)}`);
  for await (const chunk of compression === "gzip" ? compressGzip(tar) : compressZstd(tar)) ingest.write(chunk);
  return engine.store.transaction(() => {
    const stored = ingest.commit();
    const blob: LayerBlob = { ...stored, mediaType: compression === "gzip" ? ociGzipLayerType : ociZstdLayerType };
    putLayerBlob(engine.store, diffId, blob);
    holdBlob(engine.store, blob.digest, engine.self);
    return blob;
  });
}

async function* compressZstd(source: Chunks): AsyncGenerator<Buffer> {
  const stream = createZstdCompress();
  const fed = pipeline(Readable.from(source), stream);
  fed.catch(() => {}); // reported below, by the stream itself
  for await (const chunk of stream) yield chunk as Buffer;
  await fed;
}

/** The blobs of a layer whose bytes are in the store, smallest first. */
function presentBlobs(engine: Engine, diffId: string): readonly LayerBlob[] {
  return layerBlobsOf(engine.store, diffId).filter(({ digest, sizeBytes }) => blobSize(engine.root, digest) === sizeBytes);
}

/** The same bytes. Throws TsnsError invalid `layer-changed` before the last of them when they do not match the digest. */
export async function* verifyChunks(source: Chunks, digest: string): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let held: Uint8Array | undefined;
  for await (const chunk of source) {
    hash.update(chunk);
    if (held) yield held;
    held = chunk;
  }
  if (`sha256:${hash.digest("hex")}` !== digest) {
    throw new TsnsError("invalid", "layer-changed", `${digest} in the store is damaged`, {
      hint: "remove the images that have it and pull or load them again",
    });
  }
  if (held) yield held;
}

function noSource(diffId: string): TsnsError {
  return new TsnsError("not-found", "no-layer-source", `the tar of the layer ${diffId} is not in the store`, {
    hint: "it was unpacked by an older tsns: pull, load or import the image again",
  });
}
