// Use case: images as a list, one row for each name, with docker's filters.
import { type ListedName, parseImageFilters } from "../../image/filter.ts";
import { splitReferenceKey } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { findImage, listImages } from "../../store/image-record.ts";
import type { Engine } from "../engine.ts";

/** One line of `tsns images`; names are "<none>" where there is none. */
export interface ImageRow extends ListedName {
  readonly image: ImageRecord;
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
  const filter = parseImageFilters(options.filters ?? [], {
    pattern: options.pattern,
    nowMs: Date.now(),
    createdOf: (text) => findImage(engine.store, text).createdMs,
  });
  const listed = listImages(engine.store);
  const parents = new Set(listed.flatMap(({ parent }) => parent ?? []));
  return listed.flatMap((entry): ImageRow[] => {
    const { image, names } = entry;
    if (!filter.image(entry)) return [];
    if (names.length === 0) {
      const isHidden = filter.namedOnly || (!options.all && parents.has(image.id));
      return isHidden ? [] : [{ image, repository: none, tag: none, digest: none }];
    }
    return namesOfRows(names.map(splitReferenceKey).filter(filter.name), options.digests ?? false).map((name) => ({ image, ...name }));
  });
}

/** Digests stand beside the tags of their repository if they are shown at all; those of other repositories have rows of their own. */
function namesOfRows(parts: readonly ListedName[], withDigests: boolean): ListedName[] {
  const tagged = parts.filter(({ tag }) => tag !== "");
  const digests = parts.filter(({ tag }) => tag === "");
  const rows = tagged.flatMap(({ repository, tag }): ListedName[] => {
    const own = withDigests ? digests.filter((part) => part.repository === repository) : [];
    if (own.length === 0) return [{ repository, tag, digest: none }];
    return own.map(({ digest }) => ({ repository, tag, digest }));
  });
  const alone = digests.filter((part) => !tagged.some(({ repository }) => repository === part.repository));
  if (withDigests) return [...rows, ...alone.map(({ repository, digest }) => ({ repository, tag: none, digest }))];
  const repositories = new Set(alone.map(({ repository }) => repository));
  return [...rows, ...[...repositories].map((repository) => ({ repository, tag: none, digest: none }))];
}
