// From what a user writes to a group: a path, a directory below /sys/fs/cgroup, or a container's name or id.
import { TsnsError } from "../../base/error.ts";
import { nearest } from "../../base/text.ts";
import { type Hierarchy, parentOf, parseGroupPath } from "../../cgroup/hierarchy.ts";
import { findIn, readHierarchies, readPlaces, walkGroups } from "../../kernel/cgroup/observe.ts";
import type { Engine } from "../engine.ts";
import { openOwners } from "../owner.ts";

export interface FoundGroup {
  readonly path: string;
  /** All that are mounted. */
  readonly hierarchies: readonly Hierarchy[];
  /** Those it exists in; at least one. */
  readonly present: readonly Hierarchy[];
}

/** The path of a running container's group. */
function pathOfContainer(engine: Engine, reference: string, hierarchies: readonly Hierarchy[]): string | undefined {
  if (reference.includes("/")) return undefined;
  const found = openOwners(engine).findContainer(reference);
  if (!found) return undefined;
  const places = readPlaces(found.pid, hierarchies) ?? [];
  // The deepest: a container need not be in a group of its own in every hierarchy.
  return places
    .flatMap(({ hierarchy, path }) => (path === undefined || hierarchy.controllers[0]?.startsWith("name=") ? [] : [path]))
    .sort((a, b) => b.split("/").length - a.split("/").length)
    .at(0);
}

/** Throws TsnsError not-found `no-such-group`, invalid `bad-group`. */
export function findGroup(engine: Engine, reference: string, hierarchies: readonly Hierarchy[] = readHierarchies()): FoundGroup {
  const path = parseGroupPath(reference, hierarchies);
  const present = findIn(hierarchies, path);
  if (present.length > 0) return { path, hierarchies, present };
  const own = pathOfContainer(engine, reference, hierarchies);
  const ownPresent = own === undefined ? [] : findIn(hierarchies, own);
  if (own !== undefined && ownPresent.length > 0) return { path: own, hierarchies, present: ownPresent };
  throw missing(path, reference, hierarchies);
}

function missing(path: string, reference: string, hierarchies: readonly Hierarchy[]): TsnsError {
  const siblings = [...walkGroups(hierarchies, parentOf(path)).keys()].filter((one) => parentOf(one) === parentOf(path) && one !== "/");
  const [guess] = nearest(path, siblings);
  const what = reference.includes("/") ? `no cgroup ${path}` : `no cgroup ${path} and no running container ${reference}`;
  throw new TsnsError("not-found", "no-such-group", what, {
    hint: guess === undefined ? "list them: tsns cgroup ls" : `did you mean ${guess}?`,
  });
}
