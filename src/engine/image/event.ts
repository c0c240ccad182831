// The events of images, with the attributes docker gives them. Not where they are kept.
import type { ImageRecord } from "../../image/spec.ts";
import type { Engine } from "../engine.ts";
import { recordEvent } from "../event.ts";

/** docker's: `name` is what was asked for, or the id where there was no name; the image's labels too. `id`: what it happened to. */
export function recordImageEvent(
  engine: Engine,
  action: "delete" | "import" | "load" | "pull" | "push" | "save" | "tag" | "untag",
  { id, name = id, image }: { readonly id: string; readonly name?: string; readonly image?: Pick<ImageRecord, "config"> | undefined },
): void {
  recordEvent(engine, { type: "image", action, id, attributes: { ...image?.config.labels, name } });
}
