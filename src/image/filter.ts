// docker's filters of images, for lists and for pruning: KEY=VALUE texts to conditions. Which images there are is asked for, not known.
import { TsnsError } from "../base/error.ts";
import { parseMoment } from "../base/time.ts";

/** One name of an image, or the place of a missing one. */
export interface ListedName {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

/** An image with its names as stored. */
export interface ListedImage {
  readonly id: string;
  readonly createdMs: number;
  readonly names: readonly string[];
}

export interface ImageFilter {
  /** Conditions on the image. */
  image(entry: ListedImage): boolean;
  /** Conditions on one of its names. */
  name(name: ListedName): boolean;
  /** True: images without a name are not asked for. */
  readonly namedOnly: boolean;
}

/** What filters ask for. */
export interface FilterSight {
  /** docker's [REPOSITORY[:TAG]]. */
  readonly pattern?: string | undefined;
  readonly nowMs: number;
  /** When the image that a filter names was created, in milliseconds since 1970. */
  createdOf(text: string): number;
  /** Labels of an image by its id. */
  labelsOf(id: string): Readonly<Record<string, string>>;
}

/** Several values of `reference` are alternatives, all else are conditions. Throws TsnsError invalid `bad-filter`. */
export function parseImageFilters(filters: readonly string[], options: FilterSight): ImageFilter {
  const images: ((entry: ListedImage) => boolean)[] = [];
  const references: ((name: ListedName) => boolean)[] = options.pattern === undefined ? [] : [matchesReference(options.pattern)];
  let namedOnly = false;
  for (const filter of filters) {
    const equals = filter.indexOf("=");
    const [key, value] = [filter.slice(0, Math.max(equals, 0)), filter.slice(equals + 1)];
    switch (key) {
      case "reference":
        references.push(matchesReference(value));
        break;
      case "dangling": {
        const wanted = parseFlag(filter, value);
        if (!wanted) namedOnly = true;
        else images.push(({ names }) => !names.some((name) => !name.includes("@")));
        break;
      }
      case "label":
        images.push(({ id }) => hasLabel(options.labelsOf(id), value));
        break;
      case "before":
      case "since": {
        const createdMs = options.createdOf(value);
        images.push((image) => (key === "before" ? image.createdMs < createdMs : image.createdMs > createdMs));
        break;
      }
      case "until": {
        const moment = parseMoment(value, options.nowMs, "filter until");
        images.push((image) => image.createdMs < moment);
        break;
      }
      default:
        throw badFilter(filter, "known are reference, dangling, label, before, since, until");
    }
  }
  return {
    image: (entry) => images.every((test) => test(entry)),
    name: (name) => references.length === 0 || references.some((test) => test(name)),
    namedOnly: namedOnly || references.length > 0,
  };
}

/** "KEY" or "KEY=VALUE". */
export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const at = wanted.indexOf("=");
  const key = at < 0 ? wanted : wanted.slice(0, at);
  return Object.hasOwn(labels, key) && (at < 0 || labels[key] === wanted.slice(at + 1));
}

function parseFlag(filter: string, value: string): boolean {
  if (!/^(true|false|0|1)$/.test(value)) throw badFilter(filter, "dangling is true or false");
  return value === "true" || value === "1";
}

/** docker's patterns (Go's path.Match): `*` and `?` stay within one part between slashes; without a tag any tag will do. */
function matchesReference(pattern: string): (name: ListedName) => boolean {
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
  return ({ repository, tag, digest }) =>
    expression.test(repository) || expression.test(`${repository}:${tag}`) || expression.test(`${repository}@${digest}`);
}

function badFilter(filter: string, reason: string): TsnsError {
  return new TsnsError("invalid", "bad-filter", `invalid filter '${filter}'`, { hint: reason });
}
