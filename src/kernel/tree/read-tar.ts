// Reads a layer's tar to its end, compressed or not, and hashes what it unpacks to.
import { createHash } from "node:crypto";
import { openTarReader, type TarSink } from "../../image/tar.ts";
import { badArchive } from "../../image/tar-header.ts";
import { type Chunks, decompress, untilAborted } from "./stream.ts";

/** `sha256:<hex>` of the uncompressed tar. Throws TsnsError invalid `bad-archive`; the signal's reason when it aborts. */
export async function readTar(source: Chunks, sink: TarSink, signal?: AbortSignal): Promise<string> {
  const reader = openTarReader(sink);
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of decompress(untilAborted(source, signal))) {
    hash.update(chunk);
    reader.push(chunk);
    bytes += chunk.length;
  }
  if (bytes === 0) throw badArchive("it is empty");
  reader.finish();
  return `sha256:${hash.digest("hex")}`;
}
