// Use case: take a name from an image, and with the last one the image, its layers and its blob.
import { TsnsError } from "../../base/error.ts";
import { shortId } from "../../base/id.ts";
import { hostImage } from "../../image/host.ts";
import { renderReference, tryParseReference } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { displaceTree } from "../../kernel/tree/layer.ts";
import { removeTree } from "../../kernel/tree/remove.ts";
import type { Plan, PlannedStep } from "../../plan/plan.ts";
import { blobPath, removeBlob } from "../../store/blob.ts";
import { containersOf, findImage, namesOf, removeImageRow, untagImage } from "../../store/image-record.ts";
import { dropUnusedLayers, layerPath, layerPaths, layersOnlyOf } from "../../store/layer.ts";
import { temporaryPath } from "../../store/temporary.ts";
import type { Engine } from "../engine.ts";
import { sweepTemporaries } from "./commit.ts";

export interface Removal {
  readonly untagged: readonly string[];
  /** Image id, then diff ids of layers that no other image has; empty when only a name went. */
  readonly deleted: readonly string[];
}

/**
 * Removes what `text` names. By name: that name, and the image with its last name. By id: the image and its only name.
 * `force`: all names of an id; and the last name of an image that a container uses, whose files then stay until it is gone.
 * Undefined when the plan was only shown. Throws conflict `image-in-use`, `image-has-names`, not-found `no-such-image`.
 */
export function removeImage(engine: Engine, text: string, options: { readonly force?: boolean } = {}): Removal | undefined {
  const force = options.force ?? false;
  if (engine.show(planOf(engine, decide(engine, text, force)))) return undefined;
  sweepTemporaries(engine);
  const displaced: string[] = [];
  const removal = engine.store.transaction((): Removal => {
    const { image, untagged, deletes } = decide(engine, text, force);
    for (const name of untagged) untagImage(engine.store, name);
    if (!deletes) return { untagged, deleted: [] };
    removeImageRow(engine.store, image.id);
    removeBlob(engine.root, image.id);
    const layers = dropUnusedLayers(engine.store);
    for (const path of layers.flatMap((diffId) => layerPaths(engine.root, diffId))) {
      const target = temporaryPath(engine.root);
      if (displaceTree(path, target)) displaced.push(target);
    }
    return { untagged, deleted: [image.id, ...layers] };
  });
  engine.timings.mark("rows removed");
  for (const path of displaced) removeTree(path, { within: engine.root });
  engine.timings.mark("layers removed");
  return removal;
}

interface Decision {
  readonly image: ImageRecord;
  readonly untagged: readonly string[];
  readonly deletes: boolean;
}

function decide(engine: Engine, text: string, force: boolean): Decision {
  const image = findImage(engine.store, text);
  const names = namesOf(engine.store, image.id);
  const reference = tryParseReference(text);
  const name = reference && renderReference(reference);
  const byName = name !== undefined && names.includes(name);
  if (image.id === hostImage.id && !(byName && untaggable(engine, name))) {
    throw new TsnsError("conflict", "host-image", "the image host is built in and cannot be removed");
  }
  const untagged = byName ? [name] : names;
  const isLast = untagged.length === names.length && image.id !== hostImage.id;
  if (!isLast) return { image, untagged, deletes: false };
  if (!byName && names.length > 1 && !force) throw hasNames(image, names);
  const user = containersOf(engine.store, image.id)[0];
  if (user && (!force || names.length === 0)) throw inUse(text, user);
  return { image, untagged, deletes: user === undefined };
}

/** A name of the host image that is a row, not the built-in one. */
function untaggable(engine: Engine, name: string): boolean {
  return engine.store.get("SELECT 1 FROM tag WHERE name = ?", name) !== undefined;
}

function planOf(engine: Engine, { image, untagged, deletes }: Decision): Plan {
  const names = untagged.map((name): PlannedStep => ({ step: { kind: "image.untag", name }, because: "a name that is to go" }));
  if (!deletes) return { steps: names };
  const remove = (path: string, because: string): PlannedStep => ({ step: { kind: "tree.remove", path, within: engine.root }, because });
  const layers = layersOnlyOf(engine.store, image.id).map((diffId) =>
    remove(layerPath(engine.root, diffId), "no other image has this layer"),
  );
  return { steps: [...names, ...layers, remove(blobPath(engine.root, image.id), "the image's configuration")] };
}

function hasNames(image: ImageRecord, names: readonly string[]): TsnsError {
  return new TsnsError("conflict", "image-has-names", `image ${shortId(image.id)} has several names: ${names.join(", ")}`, {
    hint: "remove the names one by one, or all with --force",
  });
}

function inUse(text: string, user: { readonly id: string; readonly name: string }): TsnsError {
  return new TsnsError("conflict", "image-in-use", `image ${text} is used by the container ${user.name} (${shortId(user.id)})`, {
    hint: `remove the container first: tsns rm ${user.name}`,
  });
}
