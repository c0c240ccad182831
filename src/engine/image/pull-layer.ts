// One layer on its way into the store in one pass over its bytes: hashed as they come, written to the content store, inflated, hashed
// again as a tar, unpacked. A blob that is in the store already is only unpacked.
import { named, TsnsError } from "../../base/error.ts";
import { shortId } from "../../base/id.ts";
import type { Descriptor } from "../../image/manifest.ts";
import type { ProgressStatus } from "../../image/progress.ts";
import type { UnpackLimits } from "../../image/unpack-limit.ts";
import { type StagedLayer, type StageOptions, stageLayer } from "../../kernel/tree/layer.ts";
import { type Chunks, readFileChunks } from "../../kernel/tree/stream.ts";
import type { Registry } from "../../registry/client.ts";
import { blobPath } from "../../store/blob.ts";
import { blobSize, type Ingest, openIngest } from "../../store/content.ts";

/** A layer of an image: how the registry has it, and what it must unpack to. */
export interface WantedLayer {
  readonly descriptor: Descriptor;
  readonly diffId: string;
}

export interface FetchOptions {
  readonly root: string;
  /** The image, for errors. */
  readonly name: string;
  /** Where it is unpacked; made here. */
  readonly path: string;
  readonly onStatus: (status: ProgressStatus, currentBytes?: number) => void;
  readonly signal?: AbortSignal;
  readonly limits?: UnpackLimits | undefined;
}

/**
 * Throws TsnsError invalid `blob-mismatch`, `blob-size`, `layer-mismatch`, and what unpacking and the registry throw; nothing of it is visible
 * then, and a retry starts over with the layers that are missing.
 */
export async function fetchLayer(registry: Registry, { descriptor, diffId }: WantedLayer, options: FetchOptions): Promise<StagedLayer> {
  const { digest, sizeBytes } = descriptor;
  const name = `${options.name} (layer ${digest})`;
  let layer: StagedLayer;
  try {
    layer =
      blobSize(options.root, digest) === sizeBytes
        ? await unpackStored(descriptor, options)
        : await unpackDownloaded(registry.getBlob(digest, { sizeBytes, name }), descriptor, options);
  } catch (error) {
    throw named(error, name, options.name);
  }
  if (layer.diffId === diffId) return layer;
  throw new TsnsError(
    "invalid",
    "layer-mismatch",
    `the layer ${digest} of ${options.name} unpacks to ${layer.diffId}, its configuration says ${diffId}`,
    { hint: "the image was put together wrongly; report it to its maker" },
  );
}

async function unpackStored({ digest, sizeBytes }: Descriptor, options: FetchOptions): Promise<StagedLayer> {
  let bytes = 0;
  options.onStatus("Extracting", 0);
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of readFileChunks(blobPath(options.root, digest))) {
      bytes += chunk.length;
      if (bytes < sizeBytes) options.onStatus("Extracting", bytes);
      yield chunk;
    }
  };
  return stageLayer(counted(), options.path, stageOptions(options));
}

async function unpackDownloaded(download: Chunks, descriptor: Descriptor, options: FetchOptions): Promise<StagedLayer> {
  const { digest, sizeBytes } = descriptor;
  using ingest = openIngest(options.root, `the layer ${digest} of ${options.name}`, { digest, sizeBytes });
  const source = download[Symbol.asyncIterator]();
  const passed = passOn(source, ingest, (bytes) => options.onStatus("Downloading", bytes));
  const finish = async (): Promise<void> => {
    await passed.drain();
    options.onStatus("Verifying Checksum");
    await ingest.flush();
    ingest.commit();
  };
  try {
    let layer: StagedLayer;
    try {
      layer = await stageLayer(passed.chunks(), options.path, stageOptions(options));
    } catch (error) {
      // What cannot be unpacked is damaged on its way, or was made so: the digest tells, and is the better reason.
      if (error instanceof TsnsError && error.kind === "invalid" && error.code !== "unpack-limit" && !passed.failed) await finish();
      throw error;
    }
    await finish();
    options.onStatus("Download complete");
    return layer;
  } finally {
    await source.return?.();
  }
}

/** The chunks, each written to the blob before it goes on. `drain` takes those behind the end of the packed data, which its reader leaves. */
function passOn(source: AsyncIterator<Uint8Array>, ingest: Ingest, onBytes: (bytes: number) => void) {
  let failed = false;
  const take = async (): Promise<IteratorResult<Uint8Array>> => {
    try {
      const next = await source.next();
      if (next.done) return next;
      ingest.write(next.value);
      onBytes(ingest.writtenBytes);
      return next;
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  return {
    /** The download or the disk has failed; what is said about the contents then is a consequence. */
    get failed() {
      return failed;
    },
    async *chunks(): AsyncGenerator<Uint8Array> {
      for (let next = await take(); !next.done; next = await take()) yield next.value;
    },
    async drain(): Promise<void> {
      for (let next = await take(); !next.done; ) next = await take();
    },
  };
}

function stageOptions({ signal, limits }: FetchOptions): StageOptions {
  return { limits, ...(signal ? { signal } : {}) };
}

/** Twelve digits of the blob's digest, as docker calls a layer on its way. */
export function layerLabel({ digest }: Descriptor): string {
  return shortId(digest);
}
