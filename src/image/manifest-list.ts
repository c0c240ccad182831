// Manifest lists as they are put together on this machine, before a registry gets them: docker's local form of one entry (cli/manifest
// types.ImageManifest), and the list or index made of them. Pure.
import { TsnsError } from "../base/error.ts";
import { isObject, type JsonObject, parseObject } from "../base/json.ts";
import { type Descriptor, type ImageManifest, parseManifestBytes } from "./manifest.ts";
import { dockerListType, dockerManifestType, isManifestType, ociIndexType } from "./media-type.ts";

/** What docker's annotate can say besides. */
export interface ListPlatform {
  readonly architecture: string;
  readonly os: string;
  readonly variant: string;
  readonly osVersion: string;
  readonly osFeatures: readonly string[];
}

export interface ListEntry {
  /** Complete: "docker.io/library/busybox:1". */
  readonly reference: string;
  readonly mediaType: string;
  readonly digest: string;
  readonly bytes: Buffer;
  readonly platform: ListPlatform;
}

/** Name of a file for a reference, docker's. */
export function fileNameOf(reference: string): string {
  return reference.replaceAll(":", "-").replaceAll("/", "_");
}

export function manifestOf(entry: ListEntry): ImageManifest {
  const manifest = parseManifestBytes(entry.bytes, entry.mediaType, entry.reference);
  if (manifest.kind === "image") return manifest;
  throw new TsnsError("invalid", "nested-list", `${entry.reference} is a manifest list`, {
    hint: "a list holds images: name them one by one",
  });
}

function renderPlatform({ architecture, os, variant, osVersion, osFeatures }: ListPlatform): JsonObject {
  return {
    architecture,
    os,
    ...(osVersion === "" ? {} : { "os.version": osVersion }),
    ...(osFeatures.length === 0 ? {} : { "os.features": osFeatures }),
    ...(variant === "" ? {} : { variant }),
  };
}

/** As docker keeps and `inspect --verbose` prints it. */
export function entryObject(entry: ListEntry): JsonObject {
  const { reference, mediaType, digest, bytes, platform } = entry;
  return {
    Ref: reference,
    Descriptor: { mediaType, digest, size: bytes.length, platform: renderPlatform(platform) },
    Raw: bytes.toString("base64"),
    [mediaType === dockerManifestType ? "SchemaV2Manifest" : "OCIManifest"]: JSON.parse(bytes.toString("utf8")) as unknown,
  };
}

/** Throws TsnsError invalid `bad-local-manifest`. `path` names it. */
export function parseEntry(text: string, path: string): ListEntry {
  const root = parseObject(text);
  const descriptor = isObject(root?.Descriptor) ? root.Descriptor : {};
  const platform = isObject(descriptor.platform) ? descriptor.platform : {};
  const string = (value: unknown) => (typeof value === "string" ? value : "");
  const [reference, mediaType, digest, raw] = [root?.Ref, descriptor.mediaType, descriptor.digest, root?.Raw].map(string);
  if (!reference || !digest || !raw || !isManifestType(mediaType ?? "")) {
    throw new TsnsError("invalid", "bad-local-manifest", `${path} is no part of a manifest list as docker or tsns keeps it`, {
      hint: "remove the list (tsns manifest rm LIST) and make it again",
    });
  }
  const features = platform["os.features"];
  return {
    reference,
    mediaType: mediaType ?? "",
    digest,
    bytes: Buffer.from(raw, "base64"),
    platform: {
      architecture: string(platform.architecture),
      os: string(platform.os),
      variant: string(platform.variant),
      osVersion: string(platform["os.version"]),
      osFeatures: Array.isArray(features) ? features.filter((item) => typeof item === "string") : [],
    },
  };
}

/**
 * The list: docker's if all of its images have docker's manifests, else an OCI index. Laid out as docker does, so that the same entries give
 * the same digest.
 */
export function renderList(entries: readonly ListEntry[]): { readonly mediaType: string; readonly bytes: Buffer } {
  const isDocker = entries.every(({ mediaType }) => mediaType === dockerManifestType);
  const mediaType = isDocker ? dockerListType : ociIndexType;
  const manifests = entries.map(({ mediaType: type, digest, bytes, platform }) => ({
    mediaType: type,
    size: bytes.length,
    digest,
    platform: renderPlatform(platform),
  }));
  return { mediaType, bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }, null, 3)) };
}

/** All blobs that a manifest needs, each once. */
export function blobsOf(manifest: ImageManifest): readonly Descriptor[] {
  return [...new Map([manifest.config, ...manifest.layers].map((blob) => [blob.digest, blob])).values()];
}
