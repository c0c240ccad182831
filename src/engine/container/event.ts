// The events of containers: what happened to which one, with the attributes docker gives them. Not where they are kept.
import type { ContainerRecord } from "../../container/record.ts";
import type { Engine } from "../engine.ts";
import { recordEvent } from "../event.ts";

/** docker's attributes: every label, the image as the user wrote it, the name; what the action adds (`more`) last. */
export function recordContainerEvent(
  engine: Engine,
  record: ContainerRecord,
  action: string,
  more: Readonly<Record<string, string>> = {},
): void {
  const { labels, imageName } = record.spec;
  recordEvent(engine, {
    type: "container",
    action,
    id: record.id,
    attributes: { ...labels, image: imageName, name: record.name, ...more },
  });
}

/** The attributes as a monitor adds them to its events: a JSON text that is open for more of them (native/README.md, `events`). */
export function actorText({ id, name, spec }: ContainerRecord, more: Readonly<Record<string, string>> = {}): string {
  const attributes = JSON.stringify({ ...spec.labels, image: spec.imageName, name, ...more });
  return `"Actor":{"ID":"${id}","Attributes":${attributes.slice(0, -1)}`;
}
