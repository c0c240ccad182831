// What a repository has: its tags over all pages, and what refers to a manifest. Knows nothing of what is inside a manifest but an index's list.
import { TsnsError } from "../base/error.ts";
import { isObject, parseObject } from "../base/json.ts";
import { ociIndexType } from "../image/media-type.ts";
import type { Exchange } from "./channel.ts";
import type { RegistryWords } from "./failure.ts";
import { getManifest, joinReference, type ManifestHead } from "./manifest.ts";
import { overChannels, requestWhole, type Session } from "./session.ts";
import type { HttpAnswer } from "./transport.ts";

export interface Referrer extends ManifestHead {
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const listMaxBytes = 16 * 1024 * 1024;
/** A registry that never ends its list. */
const tagPagesMax = 10_000;

/** All tags, over all pages of the list (RFC 8288 Link, rel=next). */
export function listTags(session: Session, path: string, scope: string): Promise<string[]> {
  return overChannels(session, async (channel) => {
    const tags: string[] = [];
    const exchange: Exchange = { method: "GET", target: "", scopes: [scope], attempt: "pull", name: session.repository };
    const meaning = ({ status }: HttpAnswer, { text }: RegistryWords) =>
      status === 404
        ? new TsnsError(
            "not-found",
            "registry-no-repository",
            `repository ${session.repository} not found${text === "" ? "" : `: ${text}`}`,
            { hint: "check the name" },
          )
        : undefined;
    let target: string | undefined = `/v2/${path}/tags/list?n=1000`;
    for (let page = 0; target !== undefined && page < tagPagesMax; page += 1) {
      const { answer, bytes } = await requestWhole(session, channel, { ...exchange, target }, { statuses: [200], meaning }, listMaxBytes);
      const list = parseList(bytes, "tags", session.repository);
      tags.push(...list.filter((tag): tag is string => typeof tag === "string"));
      target = list.length === 0 ? undefined : nextOf(answer);
    }
    return tags;
  });
}

function parseList(bytes: Buffer | undefined, key: string, name: string): readonly unknown[] {
  const value = parseObject(bytes?.toString("utf8") ?? "");
  // An empty list is null in distribution.
  const list = value && (value[key] ?? []);
  if (Array.isArray(list)) return list;
  throw new TsnsError("invalid", "wrong-media-type", `${name}: the registry sent no list of ${key}`, {
    hint: "is this the address of a registry?",
  });
}

/** Target of the next page: relative to where this one came from. */
function nextOf({ headers, url }: HttpAnswer): string | undefined {
  const link = /<([^>]*)>\s*;\s*rel="?next"?/i.exec(String(headers.link ?? ""))?.[1];
  if (link === undefined || !URL.canParse(link, url.href)) return undefined;
  const next = new URL(link, url);
  // A page elsewhere would get neither credentials nor trust.
  return next.pathname + next.search;
}

/** What refers to a manifest (signatures, bills of materials): the referrers API, or the tag that stands in for it on older registries. */
export async function listReferrers(session: Session, path: string, scope: string, digest: string): Promise<readonly Referrer[]> {
  const name = joinReference(session.repository, digest);
  const exchange: Exchange = {
    method: "GET",
    target: `/v2/${path}/referrers/${digest}`,
    headers: { accept: ociIndexType },
    scopes: [scope],
    attempt: "pull",
    name,
  };
  const { answer, bytes: list } = await requestWhole(session, session.channel, exchange, { statuses: [200, 404, 400, 405] }, listMaxBytes);
  if (answer.status === 200) return parseReferrers(parseList(list, "manifests", name));
  try {
    const { bytes } = await getManifest(session, path, scope, digest.replace(":", "-"), [ociIndexType]);
    const manifests = parseObject(bytes.toString("utf8"))?.manifests;
    return parseReferrers(Array.isArray(manifests) ? manifests : []);
  } catch (error) {
    if (error instanceof TsnsError && error.kind === "not-found") return [];
    throw error;
  }
}

function parseReferrers(list: readonly unknown[]): readonly Referrer[] {
  return list.flatMap((entry) => {
    if (!isObject(entry) || typeof entry.digest !== "string" || typeof entry.mediaType !== "string") return [];
    const { digest, mediaType, artifactType, annotations } = entry;
    return {
      digest,
      mediaType,
      sizeBytes: Number(entry.size) || 0,
      ...(typeof artifactType === "string" ? { artifactType } : {}),
      ...(isObject(annotations) ? { annotations: annotations as Readonly<Record<string, string>> } : {}),
    };
  });
}
