// Use case: images as a list, one row for each name, with docker's filters.
import { type ListedName, parseImageFilters } from "../../image/filter.ts";
import { splitReferenceKey } from "../../image/reference.ts";
import { findImage, getImage, type ImageHead, listImageHeads } from "../../store/image-record.ts";
import type { Engine } from "../engine.ts";

/** One line of `tsns images`; names are "<none>" where there is none. */
export interface ImageRow extends ListedName {
  readonly image: ImageHead;
}

export interface ListOptions {
  /** docker's [REPOSITORY[:TAG]]. */
  readonly pattern?: string | undefined;
  /** KEY=VALUE of dangling, reference, label, before, since, until. */
  readonly filters?: readonly string[] | undefined;
  /** Also images without a name that others were made from. */
  readonly all?: boolean | undefined;
  /** A row for each digest. */
  readonly digests?: boolean | undefined;
}

const none = "<none>";

/** Rows, newest image first. Throws TsnsError invalid `bad-filter`, not-found for the image of before or since. */
export function listImageRows(engine: Engine, options: ListOptions = {}): ImageRow[] {
  const { store } = engine;
  const filter = parseImageFilters(options.filters ?? [], {
    pattern: options.pattern,
    nowMs: Date.now(),
    createdOf: (text) => findImage(store, text).createdMs,
    labelsOf: (id) => getImage(store, id).config.labels,
  });
  const listed = listImageHeads(store);
  const parents = new Set(listed.map(({ parent }) => parent));
  const rows: ImageRow[] = [];
  for (const image of listed) {
    if (!filter.image(image)) continue;
    if (image.names.length === 0) {
      const isHidden = filter.namedOnly || (!options.all && parents.has(image.id));
      if (!isHidden) rows.push({ image, repository: none, tag: none, digest: none });
      continue;
    }
    if (options.digests) for (const name of withDigests(image.names, filter.name)) rows.push({ image, ...name });
    else addRows(rows, image, filter.name);
  }
  return rows;
}

/** A row for each tag, and one for each repository that has digests alone. Lists are long: nothing is made that is not shown. */
function addRows(rows: ImageRow[], image: ImageHead, isWanted: (name: ListedName) => boolean): void {
  const repositories: string[] = [];
  let untagged: string[] | undefined;
  for (const key of image.names) {
    const { repository, tag, digest } = splitReferenceKey(key);
    if (!isWanted({ repository, tag, digest })) continue;
    if (tag === "") {
      untagged ??= [];
      untagged.push(repository);
    } else {
      repositories.push(repository);
      rows.push({ image, repository, tag, digest: none });
    }
  }
  for (const repository of untagged ?? []) {
    if (repositories.includes(repository)) continue;
    repositories.push(repository);
    rows.push({ image, repository, tag: none, digest: none });
  }
}

/** Digests stand beside the tags of their repository; those of other repositories have rows of their own. */
function withDigests(names: readonly string[], isWanted: (name: ListedName) => boolean): readonly ListedName[] {
  const parts = names.map(splitReferenceKey).filter(isWanted);
  const tagged = parts.filter(({ tag }) => tag !== "");
  const digests = parts.filter(({ tag }) => tag === "").map((part) => ({ ...part, tag: none }));
  const rows = tagged.flatMap((name): readonly ListedName[] => {
    const own = digests.filter((part) => part.repository === name.repository);
    return own.length === 0 ? [{ ...name, digest: none }] : own.map(({ digest }) => ({ ...name, digest }));
  });
  return [...rows, ...digests.filter((part) => !tagged.some(({ repository }) => repository === part.repository))];
}
