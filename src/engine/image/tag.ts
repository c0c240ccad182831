// Use case: another name for an image.
import { TsnsError } from "../../base/error.ts";
import { shortId } from "../../base/id.ts";
import { parseReference, renderReference } from "../../image/reference.ts";
import { findImage, tagImage, tryFindImage } from "../../store/image-record.ts";
import type { Engine } from "../engine.ts";
import { recordImageEvent } from "./event.ts";

/** Returns the name as stored, undefined after a dry run. A name that stood for another image is moved. */
export function addTag(engine: Engine, source: string, target: string): string | undefined {
  const reference = parseReference(target);
  if (reference.digest !== undefined) {
    throw new TsnsError("invalid", "tag-digest", `refusing to create a tag with a digest reference: ${JSON.stringify(target)}`, {
      hint: "write NAME:TAG",
    });
  }
  const name = renderReference(reference);
  const { id } = findImage(engine.store, source);
  if (engine.show({ steps: [{ step: { kind: "image.tag", id, name }, because: becauseOf(engine, id, name) }] })) return undefined;
  engine.store.transaction(() => tagImage(engine.store, findImage(engine.store, source).id, reference));
  recordImageEvent(engine, "tag", { id, name, image: tryFindImage(engine.store, id) });
  engine.timings.mark("name stored");
  return name;
}

function becauseOf(engine: Engine, id: string, name: string): string {
  const holder = tryFindImage(engine.store, name);
  if (!holder || holder.id === id) return "a name more; layers and configuration are shared";
  return `the name moves from image ${shortId(holder.id)}`;
}
