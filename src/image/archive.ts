// Archives of images: docker's (manifest.json, what `docker save` writes) and the OCI image layout (index.json). Parses their
// indexes to one list of images; reading the members is the caller's.
import { TsnsError } from "../base/error.ts";
import { isObject, type JsonObject } from "../base/json.ts";

export interface ArchivedImage {
  /** Member of the archive with the configuration. */
  readonly configPath: string;
  /** Members with the layers, lowest first. */
  readonly layerPaths: readonly string[];
  /** Names to give it; may be none. */
  readonly names: readonly string[];
}

/** A descriptor of the OCI image-spec, as far as it is used. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly platform: { readonly os: string; readonly architecture: string; readonly variant?: string } | undefined;
}

/** Parses docker's manifest.json. Throws TsnsError invalid `bad-archive`. */
export function parseDockerManifest(text: string): ArchivedImage[] {
  const value = parse(text, "manifest.json");
  if (!Array.isArray(value) || value.length === 0) throw bad("manifest.json lists no images");
  return value.map((item: unknown) => {
    const image = object(item, "manifest.json");
    return {
      configPath: cleanMember(string(image.Config, "Config in manifest.json")),
      layerPaths: strings(image.Layers, "Layers in manifest.json").map(cleanMember),
      names: strings(image.RepoTags ?? [], "RepoTags in manifest.json"),
    };
  });
}

/** Parses an OCI image index: the descriptors of its manifests. */
export function parseIndex(text: string, name: string): Descriptor[] {
  const { manifests } = object(parse(text, name), name);
  if (!Array.isArray(manifests)) throw bad(`${name} has no list of manifests`);
  return manifests.map((item: unknown) => {
    const { mediaType, digest, annotations, platform } = object(item, name);
    const { os, architecture, variant } = object(platform ?? {}, `platform in ${name}`);
    return {
      mediaType: typeof mediaType === "string" ? mediaType : "",
      digest: checkDigest(digest, name),
      annotations: object(annotations ?? {}, `annotations in ${name}`),
      platform:
        typeof os === "string" && typeof architecture === "string"
          ? { os, architecture, ...(typeof variant === "string" ? { variant } : {}) }
          : undefined,
    };
  });
}

export interface ArchivedDigests {
  readonly config: string;
  readonly layers: readonly string[];
  /** Media types of the layers, "" where none is given. */
  readonly layerTypes: readonly string[];
}

/** Parses an OCI or docker image manifest to digests. */
export function parseManifest(text: string, name: string): ArchivedDigests {
  const { config, layers } = object(parse(text, name), name);
  if (!Array.isArray(layers)) throw bad(`${name} has no list of layers`);
  const digest = (item: unknown) => checkDigest(object(item, name).digest, name);
  const layerTypes = layers.map((item: unknown) => object(item, name).mediaType).map((type) => (typeof type === "string" ? type : ""));
  return { config: digest(config), layers: layers.map(digest), layerTypes };
}

/** The names an index gives to a manifest: containerd's full name, or the OCI reference if that is one. */
export function namesOfDescriptor({ annotations }: Descriptor): string[] {
  const full = annotations["io.containerd.image.name"];
  if (typeof full === "string") return [full];
  const reference = annotations["org.opencontainers.image.ref.name"];
  // a bare tag ("latest") names no repository
  return typeof reference === "string" && /[/:]/.test(reference) ? [reference] : [];
}

/** Member of an OCI layout that holds a blob. */
export function blobMember(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}

/** A member's path without "./" and doubled slashes, ".." taken as a directory up; never above the archive's root. */
export function cleanMember(path: string): string {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names.join("/");
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw bad(`${name} is no JSON`, error);
  }
}

function object(value: unknown, name: string): JsonObject {
  if (isObject(value)) return value;
  throw bad(`${name} is not an object`);
}

function string(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  throw bad(`${name} is not a string`);
}

function strings(value: unknown, name: string): readonly string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
  throw bad(`${name} is not a list of strings`);
}

function checkDigest(value: unknown, name: string): string {
  if (typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value)) return value;
  throw bad(`${name} has ${JSON.stringify(value)} where a sha256 digest belongs`);
}

function bad(reason: string, cause?: unknown): TsnsError {
  return new TsnsError("invalid", "bad-archive", `the archive holds no usable image: ${reason}`, {
    hint: "make it with docker save, podman save or skopeo; a plain root file system is for tsns import",
    cause,
  });
}
