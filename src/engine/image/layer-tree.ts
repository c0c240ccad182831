// The unpacked layers of an image for use cases that look into them: directories, what made each of them, what is in them.
import { readFileSync } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import { parseImageConfig } from "../../image/config.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { walkLayer } from "../../kernel/layer/walk.ts";
import { type Merged, mergeLayers } from "../../layer/merge.ts";
import { blobPath } from "../../store/blob.ts";
import { findImage } from "../../store/image-record.ts";
import { layerPath } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";

export interface ImageLayer {
  readonly diffId: string;
  readonly directory: string;
  /** The instruction of its history; "" where the image does not tell. */
  readonly createdBy: string;
  /** 0 where the image does not tell. */
  readonly createdMs: number;
}

export interface LayeredImage {
  readonly image: ImageRecord;
  /** Lowest first. */
  readonly layers: readonly ImageLayer[];
}

/** Throws not-found, conflict for an ambiguous id, unsupported for the host image, which has no layers. */
export function findLayered(engine: Engine, name: string): LayeredImage {
  const image = findImage(engine.store, name);
  if (image.source === "host") {
    throw new TsnsError("unsupported", "no-layers", `the image "${name}" is this machine itself and has no layers`, {
      hint: "look at its files directly",
    });
  }
  const steps = stepsOf(engine, image.id);
  const layers = image.diffIds.map(
    (diffId, at): ImageLayer => ({
      diffId,
      directory: layerPath(engine.root, diffId),
      createdBy: steps[at]?.createdBy ?? "",
      createdMs: steps[at]?.createdMs ?? 0,
    }),
  );
  return { image, layers };
}

/** Steps of the history that made a layer. */
function stepsOf(engine: Engine, imageId: string): readonly { readonly createdBy: string; readonly createdMs: number }[] {
  try {
    const { history } = parseImageConfig(readFileSync(blobPath(engine.root, imageId), "utf8"));
    return history
      .filter((entry) => !entry.empty_layer)
      .map(({ created_by, comment, created }) => ({ createdBy: created_by || comment || "", createdMs: Date.parse(created ?? "") || 0 }));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return []; // removed at this moment: the record still tells its layers
    throw error;
  }
}

/** What the image's containers see, and what of its layers they do not. */
export function mergeImage({ layers }: LayeredImage): Merged {
  return mergeLayers(layers.map(({ directory }) => walkLayer(directory)));
}
