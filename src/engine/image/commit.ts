// The moment an image comes into being: layers into place, rows and names written, in one transaction of the store.
// Also sweeps what crashed commands left in tmp/.
import { TsnsError } from "../../base/error.ts";
import { type ImageDescription, recordOf } from "../../image/config.ts";
import type { Reference } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { isPresent, placeLayer, placeRecipe, type StagedLayer } from "../../kernel/tree/layer.ts";
import { removeTree } from "../../kernel/tree/remove.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { putBlob } from "../../store/blob.ts";
import { type LayerBlob, type ManifestRow, putLayerBlob, putManifest } from "../../store/image-content.ts";
import { putImage, tagImage } from "../../store/image-record.ts";
import { ioError } from "../../store/io-error.ts";
import { findLayer, layerPath, putLayer, recipePath } from "../../store/layer.ts";
import { nameTemporary, staleTemporaries } from "../../store/temporary.ts";
import type { Engine } from "../engine.ts";

export interface NewImage {
  readonly description: ImageDescription;
  /** The configuration blob exactly as it was or will be hashed. */
  readonly configText: string;
  readonly references: readonly Reference[];
  /** Blobs of the store that lead to it: its own manifest first, then indexes it was reached through. */
  readonly manifests?: readonly ManifestRow[];
  /** Compressed forms of its layers, whose blobs are in the store. */
  readonly layerBlobs?: readonly { readonly diffId: string; readonly blob: LayerBlob }[];
  /** Id of the image it was made from here. */
  readonly parent?: string;
}

/** Layers unpacked for images that are about to be committed, by diff id. */
export type Staged = ReadonlyMap<string, StagedLayer>;

/**
 * Stores images whose layers are staged or already there. Returns undefined when a layer that was there has been removed
 * by another command meanwhile: the caller stages it and tries again.
 */
export function commitImages(engine: Engine, images: readonly NewImage[], staged: Staged): readonly ImageRecord[] | undefined {
  return engine.store.transaction(() => {
    const diffIds = new Set(images.flatMap((image) => image.description.diffIds));
    for (const diffId of diffIds) if (!settleLayer(engine, diffId, staged)) return undefined;
    return images.map((image) => {
      // inside the transaction: a removal of the same image takes the blob away inside its own
      const record = recordOf(putBlob(engine.root, image.configText), image.description, sizeOf(engine, image.description.diffIds));
      putImage(engine.store, record, image.parent);
      for (const manifest of image.manifests ?? []) putManifest(engine.store, record.id, manifest);
      for (const { diffId, blob } of image.layerBlobs ?? []) putLayerBlob(engine.store, diffId, blob);
      for (const reference of image.references) tagImage(engine.store, record.id, reference);
      return record;
    });
  });
}

/** Brings one layer into place with its row; false when it is nowhere. */
function settleLayer(engine: Engine, diffId: string, staged: Staged): boolean {
  const path = layerPath(engine.root, diffId);
  const layer = staged.get(diffId);
  if (findLayer(engine.store, diffId) && isPresent(path)) {
    if (layer?.recipe !== undefined && isPresent(layer.recipe)) placeRecipe(layer.recipe, recipePath(engine.root, diffId));
    return true;
  }
  if (!layer) return false;
  placeLayer(layer, path);
  putLayer(engine.store, diffId, layer.sizeBytes, Date.now());
  return true;
}

function sizeOf(engine: Engine, diffIds: readonly string[]): number {
  return diffIds.reduce((sum, diffId) => sum + (findLayer(engine.store, diffId)?.sizeBytes ?? 0), 0);
}

/**
 * Runs `work` with a private directory below the data root that is gone afterwards. `stepsIn` says what will be done in it, and is
 * asked only if that is to be shown; undefined after a dry run.
 */
export async function withWorkDirectory<T>(
  engine: Engine,
  stepsIn: (directory: string) => readonly PlannedStep[],
  work: (directory: string) => Promise<T>,
): Promise<T | undefined> {
  const directory = nameTemporary(engine.root);
  const create: PlannedStep = {
    step: { kind: "directory.create", path: directory, mode: 0o700 },
    because: "a place for unfinished work, removed afterwards",
  };
  if ((engine.mode.dryRun || engine.mode.explain) && engine.show({ steps: [create, ...stepsIn(directory)] })) return undefined;
  // opened first: without privilege that says so before anything is made
  void engine.store;
  sweepTemporaries(engine);
  await engine.apply({ steps: [create] });
  try {
    return await work(directory);
  } catch (error) {
    throw ioError(error, `the data root ${engine.root}`);
  } finally {
    removeTree(directory, { within: engine.root });
  }
}

/** Removes unfinished work of commands that are no more; what cannot be removed is only reported. */
export function sweepTemporaries(engine: Engine): void {
  for (const path of staleTemporaries(engine.root)) {
    try {
      removeTree(path, { within: engine.root });
    } catch (error) {
      if (!(error instanceof TsnsError)) throw error;
      engine.warn(`${path} was left by an earlier command and cannot be removed: ${error.message}`);
    }
  }
}
