// Manifests of a repository as bytes: fetched with their digest checked, sent, deleted.
// Knows nothing of what is inside a manifest.
import { createHash } from "node:crypto";
import { TsnsError } from "../base/error.ts";
import { bareMediaType, isIndexType, isManifestType, isSchema1Type, manifestTypes, schema1Types } from "../image/media-type.ts";
import type { Exchange } from "./channel.ts";
import type { RegistryWords } from "./failure.ts";
import { overChannels, request, requestWhole, type Session } from "./session.ts";
import type { HttpAnswer } from "./transport.ts";

export interface FetchedManifest {
  /** As the registry has them. */
  readonly bytes: Buffer;
  /** Bare Content-Type; "" when the registry sent none or a general one: the bytes say it. */
  readonly mediaType: string;
  /** Of the bytes, verified when they were asked for by digest. */
  readonly digest: string;
}

export interface ManifestHead {
  readonly digest: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

/** distribution's and containerd's limit. */
export const manifestMaxBytes = 4 * 1024 * 1024;
const generalTypes = ["", "application/json", "application/octet-stream", "text/plain"];

const isDigest = (reference: string) => reference.includes(":");

export function joinReference(repository: string, reference: string): string {
  return isDigest(reference) ? `${repository}@${reference}` : `${repository}:${reference}`;
}

/** "sha256:<hex>" of bytes, or by the algorithm of `like`. */
export function digestOf(bytes: Uint8Array, like = "sha256:"): string {
  const algorithm = like.startsWith("sha512:") ? "sha512" : "sha256";
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

function exchangeFor(session: Session, path: string, scope: string, reference: string, method: Exchange["method"], headers = {}): Exchange {
  return {
    method,
    target: `/v2/${path}/manifests/${reference}`,
    headers,
    scopes: [scope],
    attempt: method === "PUT" ? "push" : method === "DELETE" ? "delete" : "pull",
    name: joinReference(session.repository, reference),
  };
}

/** docker's words for what is not there. */
function absent(name: string) {
  return ({ status, headers }: HttpAnswer, { code, text }: RegistryWords): TsnsError | undefined => {
    if (status !== 404) return undefined;
    const isPage = code === undefined && bareMediaType(headers["content-type"] ?? "") === "text/html";
    const why = code === "NAME_UNKNOWN" ? text : isPage ? "the answer is a web page" : "manifest unknown";
    return new TsnsError("not-found", "manifest-not-found", `manifest for ${name} not found: ${why}`, {
      hint: isPage ? "is this the address of a registry?" : "check name and tag; for a private one log in: tsns login",
    });
  };
}

export function getManifest(
  session: Session,
  path: string,
  scope: string,
  reference: string,
  accept: readonly string[] = [...manifestTypes, ...schema1Types],
): Promise<FetchedManifest> {
  const exchange = exchangeFor(session, path, scope, reference, "GET", { accept: accept.join(", ") });
  return overChannels(session, async (channel) => {
    const { answer, bytes } = await requestWhole(
      session,
      channel,
      exchange,
      { statuses: [200], meaning: absent(exchange.name) },
      manifestMaxBytes,
    );
    if (!bytes) throw tooLarge(exchange.name);
    const mediaType = manifestTypeOf(answer, exchange.name, accept);
    const digest = digestOf(bytes, reference);
    const wanted = isDigest(reference) ? reference : answer.headers["docker-content-digest"];
    // A header by another algorithm than ours cannot be compared.
    if (typeof wanted === "string" && wanted.split(":")[0] === digest.split(":")[0] && wanted !== digest) {
      throw new TsnsError(
        "invalid",
        "manifest-digest-mismatch",
        `${exchange.name}: the registry sent a manifest with the digest ${digest}, not ${wanted}`,
        {
          hint: "a proxy or mirror in between may be broken: try again, or without it",
        },
      );
    }
    return { bytes, mediaType, digest };
  });
}

function tooLarge(name: string): TsnsError {
  return new TsnsError("invalid", "manifest-too-large", `${name}: its manifest is larger than ${manifestMaxBytes / 1024 / 1024} MiB`, {
    hint: "no image needs one so large: what the registry sent is no manifest",
  });
}

function manifestTypeOf(answer: HttpAnswer, name: string, accept: readonly string[]): string {
  const mediaType = bareMediaType(answer.headers["content-type"] ?? "");
  if (isManifestType(mediaType) || isIndexType(mediaType) || isSchema1Type(mediaType) || accept.includes(mediaType)) return mediaType;
  if (generalTypes.includes(mediaType)) return "";
  throw new TsnsError("invalid", "wrong-media-type", `${name}: the registry sent ${mediaType}, not a manifest`, {
    hint: "is this the address of a registry?",
  });
}

export function headManifest(session: Session, path: string, scope: string, reference: string): Promise<ManifestHead | undefined> {
  const exchange = exchangeFor(session, path, scope, reference, "HEAD", { accept: manifestTypes.join(", ") });
  return overChannels(session, async (channel) => {
    const { status, headers } = await request(session, channel, exchange, { statuses: [200, 404] });
    const digest = headers["docker-content-digest"];
    if (status === 404 && channel.endpoint.isMirror)
      throw new TsnsError("not-found", "manifest-not-found", `manifest for ${exchange.name} not found`);
    if (status === 404) return undefined;
    const sizeBytes = Number(headers["content-length"] ?? Number.NaN);
    if (typeof digest === "string" && Number.isSafeInteger(sizeBytes))
      return { digest, mediaType: manifestTypeOf({ status, headers } as HttpAnswer, exchange.name, []), sizeBytes };
    // Registries need not say a digest to HEAD.
    const { bytes, ...rest } = await getManifest(session, path, scope, reference);
    return { digest: rest.digest, mediaType: rest.mediaType, sizeBytes: bytes.length };
  });
}

/** Throws TsnsError invalid when the registry took it for other bytes. */
export async function putManifest(
  session: Session,
  path: string,
  scope: string,
  reference: string,
  mediaType: string,
  bytes: Uint8Array,
): Promise<{ digest: string }> {
  const body = { sizeBytes: bytes.length, open: () => [bytes] };
  const exchange = { ...exchangeFor(session, path, scope, reference, "PUT", { "content-type": mediaType }), body };
  const answer = await request(session, session.channel, exchange, { statuses: [201, 202, 200] });
  answer.discard();
  const digest = digestOf(bytes);
  const said = answer.headers["docker-content-digest"];
  if (typeof said !== "string" || said === digest || !said.startsWith("sha256:")) return { digest };
  throw new TsnsError(
    "invalid",
    "manifest-digest-mismatch",
    `${exchange.name}: the registry stored the manifest as ${said}, not ${digest}`,
    {
      hint: "a proxy in between may change what is sent",
    },
  );
}

export async function deleteManifest(session: Session, path: string, scope: string, reference: string): Promise<void> {
  const exchange = exchangeFor(session, path, scope, reference, "DELETE");
  const meaning = (answer: HttpAnswer, words: RegistryWords) => {
    if (answer.status !== 405) return absent(exchange.name)(answer, words);
    return new TsnsError(
      "unsupported",
      "registry-no-delete",
      `${exchange.name}: the registry does not allow to delete${isDigest(reference) ? "" : " by tag"}`,
      {
        hint: isDigest(reference) ? "deleting is off in its configuration (distribution: storage.delete.enabled)" : "delete by digest",
      },
    );
  };
  (await request(session, session.channel, exchange, { statuses: [202, 200, 204], meaning })).discard();
}
