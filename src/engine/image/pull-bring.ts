// Fetches what is missing of an image and stores it, again when other commands take its layers away meanwhile.
import { TsnsError } from "../../base/error.ts";
import { type Reference, renderReference } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import type { Registry } from "../../registry/client.ts";
import { diffIdOfBlob } from "../../store/image-content.ts";
import type { Engine } from "../engine.ts";
import { commitImages, type NewImage, withWorkDirectory } from "./commit.ts";
import { hasLayerSource } from "./layer-source.ts";
import type { PullRequest } from "./pull.ts";
import { isBlobThere, isLayerThere, planOf, referencesOf, storeManifests } from "./pull-known.ts";
import type { WantedLayer } from "./pull-layer.ts";
import { type Resolved, type ResolvedConfig, resolveConfig } from "./pull-resolve.ts";
import { announceLayers, type Fetched, type MissingLayer, stageLayers } from "./pull-stage.ts";
import { findUnpackLimits } from "./unpack-limit.ts";

const defaultDownloads = 3;
/** How often another command may take layers away under a pull. */
const attemptsMax = 3;

/** Fetches what is missing and stores the image. */
export async function bringImage(
  engine: Engine,
  registry: Registry,
  request: PullRequest,
  resolved: Resolved,
): Promise<ImageRecord | undefined> {
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
