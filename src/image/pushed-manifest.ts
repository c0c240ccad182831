// A manifest as a registry has to know it: of which type it is, which blobs and manifests must be there with it, what it is about.
// Accepts images and artifacts of any configuration type; knows nothing of what is stored.
import { TsnsError } from "../base/error.ts";
import { isObject, type JsonObject, parseObject } from "../base/json.ts";

export interface PushedContent {
  readonly digest: string;
  readonly sizeBytes: number;
  /** An entry of an index: it must have been pushed as a manifest. */
  readonly isManifest: boolean;
}

export interface PushedManifest {
  readonly mediaType: string;
  /** What has to be there; layers that may not be distributed are left out. */
  readonly content: readonly PushedContent[];
  readonly subject?: string;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

const indexTypes = ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
const imageTypes = ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
const entriesMax = 10_000;

/** `mediaType`: the Content-Type it came with. Throws TsnsError invalid `bad-manifest` with the reason. */
export function parsePushedManifest(text: string, mediaType: string | undefined): PushedManifest {
  const value = parseObject(text);
  if (!value) throw bad("it is no JSON object");
  const type = typeOf(value, mediaType);
  if (value.schemaVersion !== 2) throw bad(value.schemaVersion === 1 ? "schema version 1 is not supported" : "schemaVersion is not 2");
  const isIndex = indexTypes.includes(type);
  const content = isIndex ? entries(value.manifests, "manifests", true) : imageContent(value);
  const config = isObject(value.config) ? value.config.mediaType : undefined;
  const artifactType = typeof value.artifactType === "string" ? value.artifactType : config;
  return {
    mediaType: type,
    content,
    ...(value.subject === undefined ? {} : { subject: descriptor(value.subject, "subject").digest }),
    ...(typeof artifactType === "string" ? { artifactType } : {}),
    ...(isObject(value.annotations) ? { annotations: textsOf(value.annotations) } : {}),
  };
}

function typeOf(value: JsonObject, given: string | undefined): string {
  const own = value.mediaType;
  if (own !== undefined && typeof own !== "string") throw bad("its mediaType is no text");
  if (own !== undefined && given !== undefined && own !== given) throw bad(`its mediaType is ${own}, it came as ${given}`);
  const type = own ?? given ?? (Array.isArray(value.manifests) ? indexTypes[0] : imageTypes[0]) ?? "";
  if (!indexTypes.includes(type) && !imageTypes.includes(type)) throw bad(`manifests of type ${type} are not supported`);
  return type;
}

function imageContent(value: JsonObject): PushedContent[] {
  return [descriptor(value.config, "config"), ...entries(value.layers, "layers", false)];
}

function entries(value: unknown, name: string, isManifest: boolean): PushedContent[] {
  if (!Array.isArray(value)) throw bad(`it has no list of ${name}`);
  if (value.length > entriesMax) throw bad(`it names more than ${entriesMax} ${name}`);
  return value.flatMap((item: unknown) => (isForeign(item) ? [] : [{ ...descriptor(item, name), isManifest }]));
}

/** Layers that a registry need not have: they are fetched from elsewhere. */
function isForeign(item: unknown): boolean {
  if (!isObject(item) || typeof item.mediaType !== "string") return false;
  return /\.(?:foreign\.diff|nondistributable)\./.test(item.mediaType) && Array.isArray(item.urls) && item.urls.length > 0;
}

function descriptor(item: unknown, name: string): PushedContent {
  if (!isObject(item)) throw bad(`${name} is no descriptor`);
  const { digest, size } = item;
  if (typeof digest !== "string" || !/^sha256:[0-9a-f]{64}$/.test(digest)) throw bad(`a digest of ${name} is no sha256 digest`);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) throw bad(`the size of ${digest} is no number of bytes`);
  return { digest, sizeBytes: size, isManifest: false };
}

function textsOf(value: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function bad(reason: string): TsnsError {
  return new TsnsError("invalid", "bad-manifest", `the manifest is not valid: ${reason}`);
}
