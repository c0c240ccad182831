// All images, again when an event tells of one, with what of them others have too and which containers are made of them. Nothing is
// looked at by the clock.
import { hostImage } from "../../image/host.ts";
import { splitReferenceKey } from "../../image/reference.ts";
import type { Database } from "../../store/database.ts";
import { listImages, type TaggedImage } from "../../store/image-record.ts";
import { listLayerSizes } from "../../store/reachable.ts";
import type { Engine } from "../engine.ts";
import { openEventFeed } from "../event/feed.ts";
import { type EventMessage, parseEvents } from "../event/message.ts";
import { listStored } from "../look.ts";
import { createPace } from "./pace.ts";

export interface LiveImage {
  readonly id: string;
  /** "REPOSITORY:TAG", or "REPOSITORY@DIGEST" where it has no tag there; in order. */
  readonly names: readonly string[];
  readonly createdMs: number;
  readonly platform: string;
  readonly sizeBytes: number;
  /** Of layers that another image has as well. */
  readonly sharedBytes: number;
  /** Layers, lowest first, as diff ids. */
  readonly diffIds: readonly string[];
  /** Of diff ids: how many other images have it; absent: none. */
  readonly sharedWith: ReadonlyMap<string, number>;
  readonly users: readonly { readonly id: string; readonly name: string }[];
  /** Other images were made from it here. */
  readonly isParent: boolean;
  /** This machine itself, which has no layers. */
  readonly isHost: boolean;
}

/** So often at most they are told. */
const leastMs = 200;

/** A tag says more than a digest of the same repository. */
function shownNames(names: readonly string[]): readonly string[] {
  const parts = names.map((name) => ({ name, ...splitReferenceKey(name) }));
  const tagged = new Set(parts.filter(({ tag }) => tag !== "").map(({ repository }) => repository));
  return parts.filter(({ tag, repository }) => tag !== "" || !tagged.has(repository)).map(({ name }) => name);
}

function readUsers(store: Database): ReadonlyMap<string, readonly { readonly id: string; readonly name: string }[]> {
  const users = new Map<string, { readonly id: string; readonly name: string }[]>();
  for (const row of store.all("SELECT id, name, spec ->> '$.imageId' AS image FROM container ORDER BY name")) {
    const user = { id: String(row.id), name: String(row.name) };
    const known = users.get(String(row.image));
    if (known) known.push(user);
    else users.set(String(row.image), [user]);
  }
  return users;
}

function liveImage(
  { image, names }: TaggedImage,
  sizes: ReadonlyMap<string, number>,
  counts: ReadonlyMap<string, number>,
  parents: ReadonlySet<string>,
  users: ReturnType<typeof readUsers>,
): LiveImage {
  const distinct = [...new Set(image.diffIds)];
  const shared = distinct.filter((diffId) => (counts.get(diffId) ?? 0) > 1);
  return {
    id: image.id,
    names: shownNames(names),
    createdMs: image.createdMs,
    platform: `${image.os}/${image.architecture}`,
    sizeBytes: image.sizeBytes,
    sharedBytes: shared.reduce((sum, diffId) => sum + (sizes.get(diffId) ?? 0), 0),
    diffIds: image.diffIds,
    sharedWith: new Map(shared.map((diffId) => [diffId, (counts.get(diffId) ?? 0) - 1])),
    users: users.get(image.id) ?? [],
    isParent: parents.has(image.id),
    isHost: image.source === "host",
  };
}

/** Newest first, this machine last; an image without a name that others were made from is left out, as in `tsns images`. */
export function readLiveImages(engine: Engine): readonly LiveImage[] {
  return listStored(engine, (store) => {
    const all = listImages(store);
    const parents = new Set(all.flatMap(({ parent }) => parent ?? []));
    const listed = all.filter(({ image, names }) => names.length > 0 || image.id === hostImage.id || !parents.has(image.id));
    const counts = new Map<string, number>();
    for (const { image } of listed) for (const diffId of new Set(image.diffIds)) counts.set(diffId, (counts.get(diffId) ?? 0) + 1);
    const sizes = listLayerSizes(store);
    const users = readUsers(store);
    return listed.map((image) => liveImage(image, sizes, counts, parents, users));
  });
}

/** Events after which the list is another one: of images, and of containers that come, go or get a name. */
const containerActions: ReadonlySet<string> = new Set(["create", "destroy", "rename", "commit"]);

export const concernsImages = ({ type, action }: Pick<EventMessage, "type" | "action">): boolean =>
  type === "image" || (type === "container" && containerActions.has(action));

/** Yields at once, and after each change until the signal. */
export async function* watchImages(engine: Engine, signal: AbortSignal): AsyncGenerator<readonly LiveImage[]> {
  using feed = openEventFeed(engine.root);
  const pace = createPace(leastMs);
  let isChanged = true;
  while (!signal.aborted) {
    isChanged = parseEvents(feed.read()).some(concernsImages) || isChanged;
    if (isChanged) {
      await pace(signal);
      if (signal.aborted) return;
      isChanged = false;
      yield readLiveImages(engine);
    } else await feed.changed(signal);
  }
}
