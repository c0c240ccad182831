// Use case: take names from an image, and with the last one the image, its layers and its blobs.

import { TsnsError } from "../../base/error.ts";
import { isLive } from "../../container/record.ts";
import { hostImage } from "../../image/host.ts";
import type { Platform } from "../../image/platform.ts";
import { renderReference, tryParseReference } from "../../image/reference.ts";
import { decideRemoval, type ImageUser } from "../../image/removal.ts";
import type { ImageRecord } from "../../image/spec.ts";
import type { Plan, PlannedStep } from "../../plan/plan.ts";
import { getContainer } from "../../store/container-record.ts";
import { childrenOf, containersOf, findImage, namesOf, originOf, tryGetImage, untagImage } from "../../store/image-record.ts";
import { freeingTransaction } from "../../store/reserve.ts";
import { observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";
import { collectBlobs, findGarbage } from "./collect.ts";
import { deleteImages } from "./delete.ts";
import { recordImageEvent } from "./event.ts";
import { mountsOfImage, requireUnmounted } from "./mounted.ts";
import { isFor, requirePlatform } from "./platform.ts";

export interface RemoveOptions {
  /** All names of an id, and an image that stopped containers use: its files stay until they are gone. */
  readonly force?: boolean;
  /** false: parents without a name stay. */
  readonly prune?: boolean;
  /** Only an image for one of these; empty: whatever it is for. */
  readonly platforms?: readonly Platform[];
  /** false: the files stay for a later `collectBlobs`, for those who remove several. */
  readonly collect?: boolean;
}

export interface Removal {
  readonly untagged: readonly string[];
  /** As docker tells: each image id, then the chain ids of its layers that no other image has, topmost first. */
  readonly deleted: readonly string[];
}

/**
 * Removes what `text` names. By name: that name, and the image with its last name. By id: the image and its only name.
 * Undefined when the plan was only shown. Throws conflict `image-in-use`, `image-has-names`, `image-has-children`, `image-mounted`,
 * not-found `no-such-image`.
 */
export function removeImage(engine: Engine, text: string, options: RemoveOptions = {}): Removal | undefined {
  if (engine.show(planOf(engine, decide(engine, text, options)))) return undefined;
  const { id } = findImage(engine.store, text);
  const { images, ...removal } = freeingTransaction(engine.store, engine.root, (): Removal & Pick<Decision, "images"> => {
    const { untagged, images } = decide(engine, text, options);
    for (const name of untagged) untagImage(engine.store, name);
    return { untagged, deleted: [...deleteImages(engine, images).deleted.values()].flat(), images };
  });
  // docker: a name that goes is told by the id of its image
  for (const _ of removal.untagged) recordImageEvent(engine, "untag", { id });
  for (const image of images) recordImageEvent(engine, "delete", { id: image.id, image });
  engine.timings.mark("rows removed");
  if (options.collect !== false) collectBlobs(engine, { measure: false });
  engine.timings.mark("files removed");
  return removal;
}

interface Decision {
  readonly untagged: readonly string[];
  /** The image and the parents that go with it; empty when only a name goes. */
  readonly images: readonly ImageRecord[];
}

function decide(engine: Engine, text: string, { force = false, prune = true, platforms = [] }: RemoveOptions): Decision {
  const image = findImage(engine.store, text);
  if (!platforms.some((platform) => isFor(image, platform))) requirePlatform(image, platforms[0], text);
  const names = namesOf(engine.store, image.id);
  const reference = tryParseReference(text);
  const name = reference && renderReference(reference);
  const byName = name !== undefined && names.includes(name);
  if (image.id === hostImage.id) {
    if (byName && engine.store.get("SELECT 1 FROM tag WHERE name = ?", name)) return { untagged: [name], images: [] };
    throw new TsnsError("conflict", "host-image", "the image host is built in and cannot be removed");
  }
  const { untagged, deletes } = decideRemoval({
    id: image.id,
    names,
    ...(byName ? { name } : {}),
    children: childrenOf(engine.store, image.id),
    users: usersOf(engine, image.id),
    force,
  });
  if (!deletes) return { untagged, images: [] };
  requireUnmounted(engine, image);
  return { untagged, images: withParents(engine, image, prune) };
}

/** Containers of an image, running ones first. */
function usersOf(engine: Engine, imageId: string): readonly ImageUser[] {
  const users = containersOf(engine.store, imageId).map(({ id, name }): ImageUser => {
    const record = getContainer(engine.store, id);
    const status = record ? observeContainer(engine, record).status : "exited";
    return { id, name, isRunning: isLive({ status }) };
  });
  return users.sort((a, b) => Number(b.isRunning) - Number(a.isRunning));
}

/** The image, then the images it was made from as far as nobody else has a name, a child or a container of them. */
function withParents(engine: Engine, image: ImageRecord, prune: boolean): readonly ImageRecord[] {
  const { store } = engine;
  const gone = [image];
  for (let child = image; prune; ) {
    const parent = tryGetImage(store, originOf(store, child.id).parent);
    const isKept =
      !parent ||
      namesOf(store, parent.id).length > 0 ||
      childrenOf(store, parent.id).some((id) => id !== child.id) ||
      containersOf(store, parent.id).length > 0 ||
      mountsOfImage(engine, parent).length > 0;
    if (isKept) break;
    gone.push(parent);
    child = parent;
  }
  return gone;
}

function planOf(engine: Engine, { untagged, images }: Decision): Plan {
  const names = untagged.map((name): PlannedStep => ({ step: { kind: "image.untag", name }, because: "a name that is to go" }));
  const kept = new Set(images.filter(({ id }) => containersOf(engine.store, id).length > 0).map(({ id }) => id));
  const rows = images.map(({ id }, at): PlannedStep => {
    const because = at > 0 ? "its parent has no name and no other child" : "its last name goes";
    return { step: { kind: "image.remove", id }, because: kept.has(id) ? "removed by force: its containers keep its files" : because };
  });
  const gone = new Set(images.map(({ id }) => id).filter((id) => !kept.has(id)));
  return { steps: [...names, ...rows, ...(gone.size > 0 ? planFiles(engine, gone) : [])] };
}

/** The files that go with these images. */
function planFiles(engine: Engine, images: ReadonlySet<string>): readonly PlannedStep[] {
  return findGarbage(engine, engine.store, images).map(
    ({ kind, path }): PlannedStep => ({
      step: { kind: "tree.remove", path, within: engine.root },
      because: kind === "layer" ? "no other image has this layer" : "no other image has this blob",
    }),
  );
}
