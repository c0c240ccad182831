// Manifests and indexes as registries and archives have them: docker's schema 2 and lists, OCI's image-spec. Foreign bytes in, values
// out, and back. Knows no registry and no store; whether the bytes are the right ones (digest) is the caller's to check.
import { TsnsError } from "../base/error.ts";
import { isObject, type JsonObject } from "../base/json.ts";
import { bareMediaType, isIndexType, isManifestType, isSchema1Type, ociIndexType, ociManifestType } from "./media-type.ts";
import { normalize, type Platform } from "./platform.ts";

/** What names a blob (image-spec descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  /** `sha256:<hex>` */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly artifactType?: string;
}

export interface ImageManifest {
  readonly kind: "image";
  readonly mediaType: string;
  readonly config: Descriptor;
  /** Lowest first. */
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  /** The manifest that this one says something about. */
  readonly subject?: Descriptor;
}

export interface ImageIndex {
  readonly kind: "index";
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly subject?: Descriptor;
}

/** Limit that registries put on manifests as well (distribution-spec). */
export const manifestBytesMax = 4 << 20;
/** No image has that many; a list of more is an attempt on memory. */
const layersMax = 1000;
const manifestsMax = 10_000;
/** Content types that say nothing about what a body is. */
const neutralTypes = new Set(["", "application/json", "application/octet-stream", "text/plain"]);

/**
 * Parses the bytes of a manifest or an index. `said` is the content type or descriptor they came with. Throws TsnsError invalid `bad-manifest`,
 * `manifest-too-large`, `wrong-media-type`; unsupported `manifest-schema1`. `what` names it in errors.
 */
export function parseManifestBytes(bytes: Uint8Array, said = "", what = "the manifest"): ImageManifest | ImageIndex {
  if (bytes.length > manifestBytesMax) throw tooLarge(what, bytes.length);
  const type = bareMediaType(said);
  if (!neutralTypes.has(type) && !isManifestType(type) && !isIndexType(type)) {
    if (isSchema1Type(type)) throw schema1(what);
    throw wrongType(what, said);
  }
  const value = parseJson(bytes, what);
  const read = reader(what);
  const root = read.object(value, "it");
  const own = read.string(root.mediaType, "mediaType");
  if (own === "" && root.schemaVersion === 1) throw schema1(what);
  if (root.schemaVersion !== 2) throw bad(what, `its schemaVersion is ${JSON.stringify(root.schemaVersion) ?? "missing"}, not 2`);
  if ("manifests" in root && ("config" in root || "layers" in root)) throw bad(what, "it claims to be a manifest and an index at once");
  const mediaType = typeOf(root, neutralTypes.has(type) ? "" : type, own, what);
  return isIndexType(mediaType) ? readIndex(root, mediaType, read) : readManifest(root, mediaType, read);
}

/** The type of the body: what it says of itself and what came with it must not contradict each other nor its form. */
function typeOf(root: JsonObject, said: string, own: string, what: string): string {
  if (own !== "" && !isManifestType(own) && !isIndexType(own)) throw wrongType(what, own);
  if (own !== "" && said !== "" && own !== said) throw wrongType(what, `${own}, sent as ${said}`);
  const type = own || said || ("manifests" in root ? ociIndexType : ociManifestType);
  if (isIndexType(type) !== "manifests" in root) throw wrongType(what, `${type}, which it does not look like`);
  return type;
}

function readManifest(root: JsonObject, mediaType: string, read: Reader): ImageManifest {
  return {
    kind: "image",
    mediaType,
    config: read.descriptor(root.config, "config"),
    layers: read.descriptors(root.layers, "layers", layersMax),
    ...read.common(root),
  };
}

function readIndex(root: JsonObject, mediaType: string, read: Reader): ImageIndex {
  return { kind: "index", mediaType, manifests: read.descriptors(root.manifests, "manifests", manifestsMax), ...read.common(root) };
}

/** Bytes of a manifest as docker and umoci would write them: stable order of members, no blanks. */
export function renderManifest(manifest: Omit<ImageManifest, "kind">): Buffer {
  const { mediaType, config, layers, annotations, artifactType, subject } = manifest;
  return encode({
    schemaVersion: 2,
    mediaType,
    ...(artifactType === undefined ? {} : { artifactType }),
    config: renderDescriptor(config),
    layers: layers.map(renderDescriptor),
    ...(subject ? { subject: renderDescriptor(subject) } : {}),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  });
}

/** Bytes of an index or manifest list. */
export function renderIndex(index: Omit<ImageIndex, "kind">): Buffer {
  const { mediaType, manifests, annotations, artifactType, subject } = index;
  return encode({
    schemaVersion: 2,
    mediaType,
    ...(artifactType === undefined ? {} : { artifactType }),
    manifests: manifests.map(renderDescriptor),
    ...(subject ? { subject: renderDescriptor(subject) } : {}),
    ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
  });
}

function renderDescriptor({ mediaType, digest, sizeBytes, urls, annotations, platform, artifactType }: Descriptor): JsonObject {
  return {
    mediaType,
    size: sizeBytes,
    digest,
    ...(urls === undefined ? {} : { urls }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(platform === undefined ? {} : { platform: renderPlatformMember(platform) }),
    ...(artifactType === undefined ? {} : { artifactType }),
  };
}

function renderPlatformMember({ os, architecture, variant }: Platform): JsonObject {
  return { architecture, os, ...(variant === "" ? {} : { variant }) };
}

function encode(value: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(value));
}

type Reader = ReturnType<typeof reader>;

/** Typed access to the foreign JSON; what is null counts as absent, as Go writes it. */
function reader(what: string) {
  const object = (value: unknown, name: string): JsonObject => {
    if (isObject(value)) return value;
    throw bad(what, `${name} is not an object`);
  };
  const string = (value: unknown, name: string): string => {
    if (value === undefined || value === null) return "";
    if (typeof value === "string") return value;
    throw bad(what, `${name} is not a string`);
  };
  const texts = (value: unknown, name: string): Readonly<Record<string, string>> => {
    const entries = Object.entries(object(value ?? {}, name));
    return Object.fromEntries(entries.map(([key, text]) => [key, string(text, `${name}.${key}`)]));
  };
  const list = (value: unknown, name: string, countMax: number): readonly unknown[] => {
    const items = value ?? [];
    if (!Array.isArray(items)) throw bad(what, `${name} is not a list`);
    if (items.length > countMax) throw bad(what, `it has ${items.length} ${name}, more than ${countMax}`);
    return items;
  };
  const platform = (value: unknown, name: string): Platform => {
    const { os, architecture, variant } = object(value, name);
    return normalize({
      os: string(os, `${name}.os`),
      architecture: string(architecture, `${name}.architecture`),
      variant: string(variant, `${name}.variant`),
    });
  };
  const descriptor = (value: unknown, name: string): Descriptor => {
    const from = object(value, name);
    const digest = string(from.digest, `${name}.digest`);
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw bad(what, `${name} has ${JSON.stringify(digest)} where a sha256 digest belongs`);
    const { size } = from;
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
      throw bad(what, `${name} has the size ${JSON.stringify(size) ?? "of nothing"}`);
    }
    const artifactType = string(from.artifactType, `${name}.artifactType`);
    return {
      mediaType: string(from.mediaType, `${name}.mediaType`),
      digest,
      sizeBytes: size,
      ...(from.urls ? { urls: list(from.urls, `${name}.urls`, 100).map((url) => string(url, `${name}.urls`)) } : {}),
      ...(from.annotations ? { annotations: texts(from.annotations, `${name}.annotations`) } : {}),
      ...(from.platform ? { platform: platform(from.platform, `${name}.platform`) } : {}),
      ...(artifactType === "" ? {} : { artifactType }),
    };
  };
  const descriptors = (value: unknown, name: string, countMax: number): readonly Descriptor[] =>
    list(value, name, countMax).map((item, at) => descriptor(item, `${name}[${at}]`));
  const common = (root: JsonObject): Pick<ImageManifest, "annotations" | "artifactType" | "subject"> => {
    const artifactType = string(root.artifactType, "artifactType");
    return {
      annotations: texts(root.annotations, "annotations"),
      ...(artifactType === "" ? {} : { artifactType }),
      ...(root.subject ? { subject: descriptor(root.subject, "subject") } : {}),
    };
  };
  return { object, string, descriptor, descriptors, common };
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw bad(what, "it is no JSON", error);
  }
}

/** The error for a manifest over the limit. */
export function tooLarge(what: string, sizeBytes: number): TsnsError {
  return new TsnsError("invalid", "manifest-too-large", `${what} has ${sizeBytes} bytes, the limit is ${manifestBytesMax}`, {
    hint: "this is no manifest of a container image",
  });
}

function wrongType(what: string, type: string): TsnsError {
  return new TsnsError("invalid", "wrong-media-type", `${what} has the media type ${type}, which is no manifest of a container image`, {
    hint: "check the name, and that the registry's address is right",
  });
}

function schema1(what: string): TsnsError {
  return new TsnsError("unsupported", "manifest-schema1", `${what} has docker's schema 1, which names no configuration to verify`, {
    hint: "push it again with a docker of 2017 (17.06) or newer",
  });
}

function bad(what: string, reason: string, cause?: unknown): TsnsError {
  return new TsnsError("invalid", "bad-manifest", `${what} is no usable manifest: ${reason}`, {
    hint: "the registry or archive is damaged, or this is no container image",
    cause,
  });
}
