// The layers of an image on their way, several at once; what is told of them comes in docker's order. Which of them are needed is known
// before; order in the image is kept by their diff ids.
import type { Descriptor } from "../../image/manifest.ts";
import type { OnProgress, ProgressStatus } from "../../image/progress.ts";
import type { UnpackLimits } from "../../image/unpack-limit.ts";
import type { StagedLayer } from "../../kernel/tree/layer.ts";
import type { Registry } from "../../registry/client.ts";
import { fetchBytes } from "./pull-bytes.ts";
import { fetchLayer, layerLabel, type WantedLayer } from "./pull-layer.ts";

export interface StageOptions {
  readonly root: string;
  /** The image, for errors. */
  readonly name: string;
  /** Private; each layer gets a directory in it. */
  readonly directory: string;
  readonly downloads: number;
  readonly limits?: UnpackLimits | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where a layer is unpacked inside the work directory. */
export function layerPlace(directory: string, { diffId }: WantedLayer): string {
  return `${directory}/${diffId.slice("sha256:".length, "sha256:".length + 32)}`;
}

/** Says of every layer whether it is here or has to come. */
export function announceLayers(layers: readonly WantedLayer[], missing: readonly MissingLayer[], onProgress: OnProgress | undefined): void {
  const isMissing = new Set(missing.map(({ diffId }) => diffId));
  for (const layer of layers) {
    onProgress?.({ id: layerLabel(layer.descriptor), status: isMissing.has(layer.diffId) ? "Pulling fs layer" : "Already exists" });
  }
}

export interface MissingLayer extends WantedLayer {
  /** Unpacked already: only its bytes are wanted. */
  readonly isBare?: boolean;
}

/** What is known of layers that were fetched. */
export interface Fetched {
  /** Unpacked, by diff id. */
  readonly staged: Map<string, StagedLayer>;
  /** Diff ids whose blob is in the store and has been read to its end. */
  readonly verified: Set<string>;
}

/** Fetches and unpacks layers, at most `downloads` at once; the first failure ends the others. Adds to `fetched`. */
export async function stageLayers(
  registry: Registry,
  layers: readonly MissingLayer[],
  fetched: Fetched,
  options: StageOptions,
): Promise<void> {
  const failure = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal;
  const completed = inOrder(layers, options.onProgress);
  const waiting = [...layers.entries()];
  for (const [at, { descriptor }] of waiting) if (at >= options.downloads) tell(options.onProgress, descriptor)("Waiting");
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) {
      const [at, layer] = next;
      const path = layerPlace(options.directory, layer);
      const onStatus = tell(options.onProgress, layer.descriptor);
      const { root, name, limits } = options;
      const how = { root, name, limits, onStatus, signal };
      if (layer.isBare) await fetchBytes(registry, layer, how);
      else fetched.staged.set(layer.diffId, await fetchLayer(registry, layer, { ...how, path }));
      fetched.verified.add(layer.diffId);
      completed(at);
    }
  };
  const workers = Array.from({ length: Math.min(options.downloads, layers.length) }, () =>
    work().catch((error: unknown) => {
      // only the first reason counts: the others end because of it
      if (!failure.signal.aborted) failure.abort(error);
      throw failure.signal.reason;
    }),
  );
  // all must have ended before their directory goes
  const ended = await Promise.allSettled(workers);
  const failed = ended.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  options.signal?.throwIfAborted();
}

function tell(onProgress: OnProgress | undefined, descriptor: Descriptor): (status: ProgressStatus, currentBytes?: number) => void {
  const id = layerLabel(descriptor);
  return (status, current) => onProgress?.({ id, status, ...(current === undefined ? {} : { current, total: descriptor.sizeBytes }) });
}

/** "Pull complete" is said of a layer when all below it are complete as well. */
function inOrder(layers: readonly WantedLayer[], onProgress: OnProgress | undefined): (at: number) => void {
  const done = new Set<number>();
  let next = 0;
  return (at) => {
    done.add(at);
    for (let layer = layers[next]; layer && done.has(next); layer = layers[next]) {
      onProgress?.({ id: layerLabel(layer.descriptor), status: "Pull complete" });
      next++;
    }
  };
}
