// A layer out of an archive or download into a private directory, and whatever is needed to hand its bytes on later: compressed bytes are
// kept as they came, plain tars by a recipe. Verifies digest and diff id; knows no images.
import { shortId } from "../../base/id.ts";
import { type StagedLayer, stageLayer } from "../../kernel/tree/layer.ts";
import { readTar } from "../../kernel/tree/read-tar.ts";
import { type Chunks, detectCompression, peekChunks } from "../../kernel/tree/stream.ts";
import { type Ingest, openIngest } from "../../store/content.ts";
import { holdBlob, type LayerBlob } from "../../store/image-content.ts";
import type { Engine } from "../engine.ts";
import { findUnpackLimits } from "./unpack-limit.ts";

export interface StageRequest {
  readonly source: Chunks;
  /** Made here; its parent exists and is private. Absent: the layer is there already, only its bytes are wanted. */
  readonly path?: string;
  readonly diffId: string;
  /** Digest of the bytes as they come, where it is known. */
  readonly digest?: string | undefined;
  readonly mediaType?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How much it may unpack to (src/image/unpack-limit.ts); absent: as set for this data root. */
  readonly unpackLimit?: string | undefined;
}

export interface Stage {
  /** What the tar really is. */
  readonly diffId: string;
  readonly layer?: StagedLayer;
  /** Held for this process. */
  readonly blob?: LayerBlob;
}

const dockerGzip = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const ociZstd = "application/vnd.oci.image.layer.v1.tar+zstd";
const nothing = { entry() {}, data() {}, end() {} };

/** Throws what unpacking throws, TsnsError invalid `blob-mismatch`. After a failure nothing is left. */
export async function stageSource(engine: Engine, request: StageRequest): Promise<Stage> {
  const { path, signal } = request;
  const limits = findUnpackLimits(engine, request.unpackLimit);
  const { first, source } = await peekChunks(request.source);
  const compression = detectCompression(first);
  const isKept = compression === "gzip" || compression === "zstd";
  using ingest = isKept ? openIngest(engine.root, `the layer ${shortId(request.diffId)}`, { digest: request.digest }) : undefined;
  const copy = ingest ? copyTo(ingest, source) : undefined;
  const chunks = copy?.chunks() ?? source;
  const options = { withRecipe: !ingest, limits, ...(signal ? { signal } : {}) };
  const layer = path === undefined ? undefined : await stageLayer(chunks, path, options);
  const diffId = layer?.diffId ?? (await readTar(chunks, nothing, signal, limits));
  if (!ingest || diffId !== request.diffId) return { diffId, ...(layer ? { layer } : {}) };
  await copy?.drain();
  await ingest.flush();
  const blob = engine.store.transaction((): LayerBlob => {
    const stored = ingest.commit();
    holdBlob(engine.store, stored.digest, engine.self);
    return { ...stored, mediaType: request.mediaType ?? (compression === "zstd" ? ociZstd : dockerGzip) };
  });
  return { diffId, blob, ...(layer ? { layer } : {}) };
}

/** For those that keep a copy: passes chunks on and writes them to the blob; `drain` takes those after the end of the compressed data, which its reader leaves. */
export function copyTo(ingest: Ingest, source: Chunks) {
  const iterator = source[Symbol.asyncIterator]();
  const take = async () => {
    const next = await iterator.next();
    if (!next.done) ingest.write(next.value);
    return next;
  };
  return {
    async *chunks(): AsyncGenerator<Uint8Array> {
      for (let next = await take(); !next.done; next = await take()) yield next.value;
    },
    async drain(): Promise<void> {
      for (let next = await take(); !next.done; ) next = await take();
    },
  };
}
