// What is here already of an image that a registry names: layers, blobs, the whole of it; and what the rest of the pull will do, as a plan.
import type { Descriptor } from "../../image/manifest.ts";
import { type Reference, renderReference } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { isPresent } from "../../kernel/tree/layer.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { putBlob } from "../../store/blob.ts";
import { blobSize } from "../../store/content.ts";
import { tryFindImage } from "../../store/image-record.ts";
import { findLayer, layerPath } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";
import { hasLayerSource } from "./layer-source.ts";
import { planPull } from "./pull-plan.ts";
import type { Resolved } from "./pull-resolve.ts";
import { layerPlace, type MissingLayer } from "./pull-stage.ts";

export function isLayerThere(engine: Engine, diffId: string): boolean {
  return findLayer(engine.store, diffId) !== undefined && isPresent(layerPath(engine.root, diffId));
}

export function isBlobThere(engine: Engine, { digest, sizeBytes }: Descriptor): boolean {
  return blobSize(engine.root, digest) === sizeBytes;
}

export function storeManifests(engine: Engine, { manifests }: Resolved): void {
  for (const { digest, bytes } of manifests) if (blobSize(engine.root, digest) !== bytes.length) putBlob(engine.root, bytes);
}

/** The image if it is here with all of its layers and their bytes. */
export function findKnown(engine: Engine, { manifest }: Resolved): ImageRecord | undefined {
  const known = tryFindImage(engine.store, manifest.config.digest);
  return known?.diffIds.every((diffId) => isLayerThere(engine, diffId) && hasLayerSource(engine, diffId)) ? known : undefined;
}

/** The names an image gets: the one asked for, and the one by digest. */
export function referencesOf({ domain, path, tag, digest }: Reference, resolved: Resolved): Reference[] {
  const byDigest = { domain, path, digest: resolved.digest };
  return digest === undefined && tag !== undefined ? [{ domain, path, tag }, byDigest] : [byDigest];
}

export function planOf(
  engine: Engine,
  reference: Reference,
  resolved: Resolved,
  missing: readonly MissingLayer[],
  directory: string,
): PlannedStep[] {
  const { config } = resolved.manifest;
  return planPull({
    root: engine.root,
    repository: `${reference.domain}/${reference.path}`,
    imageId: config.digest,
    names: referencesOf(reference, resolved).map(renderReference),
    asked: reference.digest ?? reference.tag ?? "latest",
    manifests: resolved.manifests,
    config: { digest: config.digest, isThere: isBlobThere(engine, config) },
    layers: missing.map((layer) => ({
      digest: layer.descriptor.digest,
      isThere: isBlobThere(engine, layer.descriptor),
      ...(layer.isBare ? {} : { directory: layerPlace(directory, layer) }),
    })),
  });
}
