// Reads a layer's tar to its end, compressed or not, within the limits of what it may unpack to, and hashes what it unpacks to.
import { createHash } from "node:crypto";
import { openTarReader, type TarReader, type TarSink } from "../../image/tar.ts";
import { badArchive } from "../../image/tar-header.ts";
import { openByteCount, type UnpackLimits } from "../../image/unpack-limit.ts";
import { type Chunks, decompress, untilAborted } from "./stream.ts";

/** `sha256:<hex>` of the uncompressed tar. Throws TsnsError invalid `bad-archive`, `unpack-limit`; the signal's reason when it aborts. */
export async function readTar(source: Chunks, sink: TarSink, signal?: AbortSignal, limits?: UnpackLimits): Promise<string> {
  const hash = createHash("sha256");
  await pushTar(source, openTarReader(sink), { signal, limits, onBytes: (bytes) => hash.update(bytes) });
  return `sha256:${hash.digest("hex")}`;
}

interface PushOptions {
  readonly signal?: AbortSignal | undefined;
  readonly limits?: UnpackLimits | undefined;
  /** Of the uncompressed tar, before they are read. */
  readonly onBytes?: (bytes: Buffer) => void;
}

/** Pushes a tar into a reader, to its end. Throws as readTar does. */
export async function pushTar(source: Chunks, reader: TarReader, { signal, limits, onBytes }: PushOptions): Promise<void> {
  let isEmpty = true;
  for await (const chunk of decompressWithin(untilAborted(source, signal), limits)) {
    onBytes?.(chunk);
    reader.push(chunk);
    isEmpty &&= chunk.length === 0;
  }
  if (isEmpty) throw badArchive("it is empty");
  reader.finish();
}

/** The plain bytes, as long as they are within the limits. */
export async function* decompressWithin(source: Chunks, limits?: UnpackLimits): AsyncGenerator<Buffer> {
  const count = openByteCount(limits);
  const packed = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      count.packed(chunk.length);
      yield chunk;
    }
  };
  for await (const chunk of decompress(packed())) {
    count.plain(chunk.length);
    yield chunk;
  }
}
