// What removing an image takes along, by docker's rules: which names go, whether the image goes, and what forbids it. Pure.
import { TsnsError } from "../base/error.ts";
import { shortId } from "../base/id.ts";
import { splitReferenceKey } from "./reference.ts";

/** A container made of the image. */
export interface ImageUser {
  readonly id: string;
  readonly name: string;
  readonly isRunning: boolean;
}

export interface ImageSituation {
  readonly id: string;
  /** As stored: "app:1", "app@sha256:...". */
  readonly names: readonly string[];
  /** The name that was asked for; absent when it was an id. */
  readonly name?: string;
  readonly children: readonly string[];
  readonly users: readonly ImageUser[];
  readonly force: boolean;
}

export interface ImageDecision {
  readonly untagged: readonly string[];
  readonly deletes: boolean;
}

/** Throws TsnsError conflict `image-in-use`, `image-has-names`, `image-has-children`. */
export function decideRemoval(situation: ImageSituation): ImageDecision {
  const { names, name, users, force } = situation;
  if (name === undefined) {
    requireDeletable(situation);
    return { untagged: names, deletes: true };
  }
  const user = users[0];
  if (!force && user && isOneName(names)) throw nameInUse(situation, name, user);
  const untagged = [name, ...digestsLeft(names, name)];
  if (untagged.length < names.length) return { untagged, deletes: false };
  // With its last name the image goes, unless something needs it still: then it stays without one.
  const isNeeded = situation.children.length > 0 || users.some(({ isRunning }) => isRunning || !force);
  return { untagged, deletes: !isNeeded };
}

/** Docker's conflicts of a removal by id, in its order. */
function requireDeletable({ id, names, children, users, force }: ImageSituation): void {
  const running = users.find((user) => user.isRunning);
  if (children.length > 0) throw cannot(id, "cannot be forced", "image has dependent child images", "image-has-children");
  if (running) throw inUse(id, "cannot be forced", "running", running);
  if (force) return;
  if (names.length > 0 && !isOneName(names)) {
    throw cannot(id, "must be forced", `image is referenced in multiple repositories: ${names.join(", ")}`, "image-has-names");
  }
  if (users[0]) throw inUse(id, "must be forced", "stopped", users[0]);
}

/** At most one tag, and digests only of the same repository. */
function isOneName(names: readonly string[]): boolean {
  if (names.length <= 1) return true;
  const parts = names.map(splitReferenceKey);
  return parts.filter(({ tag }) => tag !== "").length <= 1 && new Set(parts.map(({ repository }) => repository)).size === 1;
}

/** With the last tag of a repository its digests go. */
function digestsLeft(names: readonly string[], name: string): readonly string[] {
  const gone = splitReferenceKey(name);
  if (gone.tag === "") return [];
  const same = names.filter((other) => other !== name && splitReferenceKey(other).repository === gone.repository);
  return same.some((other) => splitReferenceKey(other).tag !== "") ? [] : same;
}

function nameInUse({ id }: ImageSituation, name: string, user: ImageUser): TsnsError {
  return new TsnsError(
    "conflict",
    "image-in-use",
    `conflict: unable to remove repository reference "${name}" (must force) - container ${user.name} (${shortId(user.id)}) is using its referenced image ${shortId(id)}`,
    { hint: `remove the container first: tsns rm ${user.name}` },
  );
}

function inUse(id: string, force: string, state: string, user: ImageUser): TsnsError {
  const reason = `image is being used by ${state} container ${user.name} (${shortId(user.id)})`;
  return cannot(id, force, reason, "image-in-use", `remove the container first: tsns rm ${user.isRunning ? "-f " : ""}${user.name}`);
}

const hints: Readonly<Record<string, string>> = {
  "image-has-names": "remove the names one by one, or all with --force",
  "image-has-children": "remove the images made from it first: tsns images -a",
};

function cannot(id: string, force: string, reason: string, code: string, hint = hints[code] ?? ""): TsnsError {
  return new TsnsError("conflict", code, `conflict: unable to delete ${shortId(id)} (${force}) - ${reason}`, { hint });
}
