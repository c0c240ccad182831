// The unpacked layers of an image for use cases that look into them: directories, what made each of them, what is in them.
import { readFileSync } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import { type HistoryEntry, parseImageConfig } from "../../image/config.ts";
import { joinHistory } from "../../image/history.ts";
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
  const layers = joinHistory(readHistory(engine, image.id), image.diffIds).flatMap(
    ({ diffId, createdBy, comment, createdMs }): ImageLayer[] =>
      diffId === undefined ? [] : [{ diffId, directory: layerPath(engine.root, diffId), createdBy: createdBy || comment, createdMs }],
  );
  return { image, layers };
}

function readHistory(engine: Engine, imageId: string): readonly HistoryEntry[] {
  try {
    return parseImageConfig(readFileSync(blobPath(engine.root, imageId), "utf8")).history;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return []; // removed at this moment: the record still tells its layers
    throw error;
  }
}

/** What the image's containers see, and what of its layers they do not. */
export function mergeImage({ layers }: LayeredImage): Merged {
  return mergeLayers(layers.map(({ directory }) => walkLayer(directory)));
}
