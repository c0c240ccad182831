// Use cases: names of repositories and of their tags, in pages: what was pushed, and what the image store has.
import { listRepositories, listRepositoryTags } from "../../store/repository.ts";
import { localImages, localNames } from "./local-image.ts";
import { checkName, type Place } from "./name.ts";
import { registryProblem } from "./problem.ts";
import type { RegistryService } from "./service.ts";

export interface PageRequest {
  /** At most so many; all without. */
  readonly count?: number | undefined;
  /** Those after this name. */
  readonly last?: string | undefined;
}

export interface Page {
  readonly names: readonly string[];
  /** There are more after the last one. */
  readonly hasMore: boolean;
}

export function listCatalog({ engine }: RegistryService, host: string, page: PageRequest): Page {
  return cut([...listRepositories(engine.store), ...localNames(engine, host)], page);
}

/** Throws not-found `registry-name-unknown`. */
export function listTags({ engine }: RegistryService, place: Place, page: PageRequest): Page {
  checkName(place.name);
  const pushed = listRepositoryTags(engine.store, place.name).map(({ tag }) => tag);
  const local = localImages(engine, place);
  if (pushed.length + local.length === 0 && !listRepositories(engine.store).includes(place.name)) {
    throw registryProblem("registry-name-unknown", `there is no repository ${place.name}`);
  }
  return cut([...pushed, ...local.flatMap(({ tag }) => (tag === "" ? [] : [tag]))], page);
}

/** Each name once, in the order of their bytes. */
function cut(names: readonly string[], { count, last }: PageRequest): Page {
  const sorted = [...new Set(names)].sort((a, b) => (a < b ? -1 : 1));
  const rest = last === undefined ? sorted : sorted.filter((name) => name > last);
  return count === undefined || rest.length <= count
    ? { names: rest, hasMore: false }
    : { names: rest.slice(0, count), hasMore: count > 0 };
}
