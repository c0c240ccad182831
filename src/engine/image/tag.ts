// Use case: another name for an image.
import { TsnsError } from "../../base/error.ts";
import { parseReference } from "../../image/reference.ts";
import { findImage, tagImage } from "../../store/image-record.ts";
import type { Engine } from "../engine.ts";

/** Returns the name as stored. A name that stood for another image is moved. */
export function addTag(engine: Engine, source: string, target: string): string {
  const reference = parseReference(target);
  if (reference.digest !== undefined) {
    throw new TsnsError("invalid", "tag-digest", `cannot tag ${JSON.stringify(target)}: a digest is no tag`, { hint: "write NAME:TAG" });
  }
  return engine.store.transaction(() => tagImage(engine.store, findImage(engine.store, source).id, reference));
}
