// Use case: images as a list, one row for each name, with docker's filters.
import { TsnsError } from "../../base/error.ts";
import { splitReferenceKey } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { findImage, listImages, type TaggedImage } from "../../store/image-record.ts";
import type { Engine } from "../engine.ts";

/** One line of `tsns images`; names are "<none>" where there is none. */
export interface ImageRow {
  readonly image: ImageRecord;
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

const none = "<none>";

type Test = (entry: TaggedImage, row: ImageRow) => boolean;

/**
 * Rows, newest image first. `pattern` is docker's [REPOSITORY[:TAG]]; `filters` are KEY=VALUE of dangling, reference,
 * label, before, since. Throws TsnsError invalid `bad-filter`.
 */
export function listImageRows(
  engine: Engine,
  options: { readonly pattern?: string; readonly filters?: readonly string[] } = {},
): ImageRow[] {
  const tests = (options.filters ?? []).map((filter) => parseFilter(engine, filter));
  if (options.pattern !== undefined) tests.push([none, matchesReference(options.pattern)]);
  // several values of one key are alternatives, several keys conditions
  const keys = new Map<string, Test[]>();
  for (const [key, test] of tests) keys.set(key, [...(keys.get(key) ?? []), test]);
  return listImages(engine.store).flatMap((entry) =>
    rowsOf(entry).filter((row) => [...keys.values()].every((alternatives) => alternatives.some((test) => test(entry, row)))),
  );
}

/** Tags and digests of one repository share a row where docker shows them so: digests stand only where no tag does. */
function rowsOf({ image, names }: TaggedImage): ImageRow[] {
  const parts = names.map(splitReferenceKey);
  const digestOf = (repository: string) => parts.find((part) => part.repository === repository && part.digest !== "")?.digest ?? none;
  const tagged = parts.filter((part) => part.tag !== "");
  const untagged = parts.filter((part) => part.tag === "" && !tagged.some((other) => other.repository === part.repository));
  const rows = [
    ...tagged.map(({ repository, tag }) => ({ image, repository, tag, digest: digestOf(repository) })),
    ...untagged.map(({ repository, digest }) => ({ image, repository, tag: none, digest })),
  ];
  return rows.length > 0 ? rows : [{ image, repository: none, tag: none, digest: none }];
}

function parseFilter(engine: Engine, filter: string): [string, Test] {
  const equals = filter.indexOf("=");
  const [key, value] = [filter.slice(0, Math.max(equals, 0)), filter.slice(equals + 1)];
  switch (key) {
    case "reference":
      return [key, matchesReference(value)];
    case "dangling": {
      if (!/^(true|false|0|1)$/.test(value)) throw badFilter(filter, "dangling is true or false");
      const wanted = value === "true" || value === "1";
      return [key, (entry) => (entry.names.length === 0) === wanted];
    }
    case "label": {
      const [name = "", ...rest] = value.split("=");
      return [
        `label ${value}`,
        ({ image }) => Object.hasOwn(image.config.labels, name) && (rest.length === 0 || image.config.labels[name] === rest.join("=")),
      ];
    }
    case "before":
    case "since": {
      const { createdMs } = findImage(engine.store, value);
      return [key, ({ image }) => (key === "before" ? image.createdMs < createdMs : image.createdMs > createdMs)];
    }
    default:
      throw badFilter(filter, "known are reference, dangling, label, before, since");
  }
}

/** docker's patterns (Go's path.Match): `*` and `?` stay within one part between slashes; without a tag any tag will do. */
function matchesReference(pattern: string): Test {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", "[^/]*")
    .replaceAll("?", "[^/]");
  let expression: RegExp;
  try {
    expression = new RegExp(`^${source}$`);
  } catch {
    throw badFilter(`reference=${pattern}`, "the pattern has an unfinished [");
  }
  return (_, { repository, tag }) => expression.test(repository) || expression.test(`${repository}:${tag}`);
}

function badFilter(filter: string, reason: string): TsnsError {
  return new TsnsError("invalid", "bad-filter", `invalid filter '${filter}'`, { hint: reason });
}
