// The bytes of a layer that is unpacked already, by a tsns that kept none of them: fetched, verified against digest and diff id, and kept as
// a blob, so that images with it can be saved and pushed.
import { TsnsError } from "../../base/error.ts";
import { readTar } from "../../kernel/tree/read-tar.ts";
import { readFileChunks } from "../../kernel/tree/stream.ts";
import type { Registry } from "../../registry/client.ts";
import { blobPath } from "../../store/blob.ts";
import { blobSize, openIngest } from "../../store/content.ts";
import type { FetchOptions, WantedLayer } from "./pull-layer.ts";
import { copyTo } from "./stage.ts";

const nothing = { entry() {}, data() {}, end() {} };

/** Throws TsnsError invalid `blob-mismatch`, `blob-size`, `layer-mismatch`, and what the registry throws; nothing of it is visible then. */
export async function fetchBytes(registry: Registry, layer: WantedLayer, options: Omit<FetchOptions, "path">): Promise<void> {
  const { digest, sizeBytes } = layer.descriptor;
  if (blobSize(options.root, digest) === sizeBytes) {
    check(await readTar(readFileChunks(blobPath(options.root, digest)), nothing, options.signal, options.limits), layer, options.name);
    return;
  }
  const name = `${options.name} (layer ${digest})`;
  using ingest = openIngest(options.root, name, { digest, sizeBytes });
  const download = registry.getBlob(digest, { sizeBytes, name });
  const copy = copyTo(ingest, download);
  options.onStatus("Downloading", 0);
  const diffId = await readTar(copy.chunks(), nothing, options.signal, options.limits);
  await copy.drain();
  options.onStatus("Verifying Checksum");
  await ingest.flush();
  check(diffId, layer, options.name);
  ingest.commit();
  options.onStatus("Download complete");
}

function check(actual: string, { descriptor, diffId }: WantedLayer, name: string): void {
  if (actual === diffId) return;
  throw new TsnsError(
    "invalid",
    "layer-mismatch",
    `the layer ${descriptor.digest} of ${name} unpacks to ${actual}, its configuration says ${diffId}`,
    { hint: "the image was put together wrongly; report it to its maker" },
  );
}
