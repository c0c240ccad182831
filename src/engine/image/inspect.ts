// Use case: the document docker prints for an image.
import { readFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { type JsonObject, parseObject } from "../../base/json.ts";
import { renderImage } from "../../image/inspect.ts";
import type { Platform } from "../../image/platform.ts";
import { blobPath } from "../../store/blob.ts";
import { findImage, namesOf, originOf } from "../../store/image-record.ts";
import { layerDirectories } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";
import { requirePlatform } from "./platform.ts";

/** The document `docker image inspect` prints for one image. Throws not-found, also for an image of another platform; conflict for an ambiguous id. */
export function inspectImage(engine: Engine, name: string, platform?: Platform): Record<string, unknown> {
  const image = findImage(engine.store, name);
  requirePlatform(image, platform, name);
  return renderImage({
    image,
    blob: image.source === "host" ? {} : readConfiguration(engine, image.id),
    names: namesOf(engine.store, image.id),
    ...originOf(engine.store, image.id),
    directories: layerDirectories(engine.root, image),
  });
}

/** Empty when another command removes the image at this moment: the record then says what it can. */
function readConfiguration(engine: Engine, id: string): JsonObject {
  try {
    return parseObject(readFileSync(blobPath(engine.root, id), "utf8")) ?? {};
  } catch (error) {
    if (isErrno(error, "ENOENT")) return {};
    throw error;
  }
}
