// How images are named: the grammar of distribution references, docker's defaults (docker.io, library/, latest)
// and the short form people read. Knows nothing of which images exist.
import { TsnsError } from "../base/error.ts";

/** A parsed name. `domain` and `path` are complete ("docker.io", "library/busybox"). */
export interface Reference {
  readonly domain: string;
  readonly path: string;
  /** Absent only when a digest stands alone. */
  readonly tag?: string;
  /** `sha256:<hex>` */
  readonly digest?: string;
}

const defaultDomain = "docker.io";
const legacyDomain = "index.docker.io";
const officialPrefix = "library/";
const defaultTag = "latest";
/** Limit of the distribution grammar for domain and path together, in bytes. */
const nameLengthMax = 255;

const domainComponent = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const domainPattern = new RegExp(`^(?:${domainComponent}(?:\\.${domainComponent})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const pathPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;

/** Throws TsnsError invalid `bad-reference`. A name without tag and digest gets the tag `latest`. */
export function parseReference(text: string): Reference {
  const reference = matchReference(text);
  if (typeof reference === "string") throw badReference(text, reference);
  return reference;
}

/** As `parseReference`, undefined instead of an error. */
export function tryParseReference(text: string): Reference | undefined {
  const reference = matchReference(text);
  return typeof reference === "string" ? undefined : reference;
}

/** Whether a text can stand between host and tag: "library/busybox". */
export function isRepositoryPath(text: string): boolean {
  return pathPattern.test(text) && text.length <= nameLengthMax;
}

export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

/** The reference, or what is wrong with it. */
function matchReference(text: string): Reference | string {
  if (/^[0-9a-f]{64}$/.test(text)) return "64 hexadecimal digits are an image id, not a name";
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !digestPattern.test(digest)) return "the digest after @ must be like sha256:<64 hexadecimal digits>";
  if (digest?.startsWith("sha256:") && !/^sha256:[0-9a-f]{64}$/.test(digest)) return "a sha256 digest has 64 lowercase hexadecimal digits";

  const tagged = at < 0 ? text : text.slice(0, at);
  const colon = tagged.lastIndexOf(":");
  const hasTag = colon > tagged.lastIndexOf("/") && !tagged.endsWith("]");
  const tag = hasTag ? tagged.slice(colon + 1) : digest === undefined ? defaultTag : undefined;
  if (tag !== undefined && !tagPattern.test(tag)) return "a tag has letters, digits, _ . and -, at most 128";

  const name = splitDomain(hasTag ? tagged.slice(0, colon) : tagged);
  if (!domainPattern.test(name.domain)) return `${JSON.stringify(name.domain)} is no registry host`;
  if (!pathPattern.test(name.path)) {
    return name.path !== name.path.toLowerCase() && pathPattern.test(name.path.toLowerCase())
      ? "the repository name must be lowercase"
      : "a repository name has lowercase letters, digits and single separators . _ - between them";
  }
  if (name.domain.length + 1 + name.path.length > nameLengthMax) return `the name is longer than ${nameLengthMax} characters`;
  return { ...name, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** docker's rule: the part before the first slash is a host if it has a dot or colon, is "localhost" or has capitals. */
function splitDomain(name: string): { domain: string; path: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = slash > 0 && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  const domain = !isHost || first === legacyDomain ? defaultDomain : first;
  const path = isHost ? name.slice(slash + 1) : name;
  return { domain, path: domain === defaultDomain && !path.includes("/") ? officialPrefix + path : path };
}

/** Repository as docker prints it: "busybox", "user/app", "localhost/x", "reg.example:5000/x". */
export function renderRepository({ domain, path }: Reference): string {
  if (domain !== defaultDomain) return `${domain}/${path}`;
  const official = path.startsWith(officialPrefix) ? path.slice(officialPrefix.length) : path;
  const short = official.includes("/") ? path : official;
  // a first part that would be read as a host must keep the real one before it
  return splitDomain(short).domain === domain ? short : `${domain}/${path}`;
}

/** The short form, which is also the key of the store: "busybox:latest", "app@sha256:...". The digest wins over the tag. */
export function renderReference(reference: Reference): string {
  const repository = renderRepository(reference);
  return reference.digest === undefined ? `${repository}:${reference.tag ?? defaultTag}` : `${repository}@${reference.digest}`;
}

/** A stored key back to repository and the rest; only for keys made by `renderReference`. */
export function splitReferenceKey(key: string): { repository: string; tag: string; digest: string } {
  const at = key.indexOf("@");
  if (at >= 0) return { repository: key.slice(0, at), tag: "", digest: key.slice(at + 1) };
  const colon = key.lastIndexOf(":");
  return { repository: key.slice(0, colon), tag: key.slice(colon + 1), digest: "" };
}

/** The hexadecimal digits if `text` can be (the start of) an image id: "4bdc...", "sha256:4bdc...". */
export function parseIdPrefix(text: string): string | undefined {
  return /^(?:sha256:)?([0-9a-f]{1,64})$/.exec(text)?.[1];
}

function badReference(text: string, reason: string): TsnsError {
  return new TsnsError("invalid", "bad-reference", `invalid reference format: ${JSON.stringify(text)}: ${reason}`, {
    hint: "write it as [HOST[:PORT]/]NAME[:TAG], for example debian:bookworm",
  });
}
