// What a reference leads to at a registry: manifest, or index and the manifest for a platform, then the configuration. All of it in memory
// and verified (digest, size, media type, counts) before anything is stored. Manifests that the store has already are not fetched.
import { readFileSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { type ImageDescription, parseImageConfig } from "../../image/config.ts";
import { type Descriptor, type ImageManifest, parseManifestBytes } from "../../image/manifest.ts";
import { isConfigType, isForeignLayerType, layerCompression } from "../../image/media-type.ts";
import { choosePlatform, fits, hostPlatform, type Platform, renderPlatform } from "../../image/platform.ts";
import { type Reference, renderReference } from "../../image/reference.ts";
import type { Registry } from "../../registry/client.ts";
import type { FetchedManifest } from "../../registry/manifest.ts";
import { blobPath, digestOf } from "../../store/blob.ts";
import { blobSize } from "../../store/content.ts";

export interface Resolved {
  /** The digest the reference stands for: of the index where there is one. */
  readonly digest: string;
  /** The image's own manifest first, then the indexes that led to it. */
  readonly manifests: readonly [FetchedManifest, ...FetchedManifest[]];
  readonly manifest: ImageManifest;
}

/** An index may lead to another one; no sensible one does so more often. */
const indexDepthMax = 3;
/** Configurations are kilobytes; this is no place for files. */
const configBytesMax = 8 << 20;

export interface ResolveOptions {
  readonly root: string;
  /** Named in errors. */
  readonly reference: Reference;
  /** Default: this machine's; only then an image of one other platform is taken. */
  readonly platform?: Platform | undefined;
}

/** Throws not-found and denied of the registry; invalid and unsupported for what is no image that can be had here. */
export async function resolveManifest(registry: Registry, options: ResolveOptions): Promise<Resolved> {
  const { reference, platform } = options;
  const name = renderReference(reference);
  const first = await registry.getManifest(reference.digest ?? reference.tag ?? "latest");
  const led: FetchedManifest[] = [];
  let current: FetchedManifest = first;
  for (let depth = 0; ; depth++) {
    const parsed = parseManifestBytes(current.bytes, current.mediaType, `the manifest of ${name}`);
    const fetched = { ...current, mediaType: parsed.mediaType };
    if (parsed.kind === "image") {
      checkImage(parsed, name);
      return { digest: first.digest, manifests: [fetched, ...led], manifest: parsed };
    }
    if (depth >= indexDepthMax) throw unusable(name, `its index leads to more than ${indexDepthMax} others`);
    const chosen = choosePlatform(parsed.manifests, platform ?? hostPlatform());
    if (!chosen) throw noPlatform(name, platform ?? hostPlatform(), parsed.manifests);
    led.unshift(fetched);
    current = await readEntry(registry, options.root, chosen, name);
  }
}

/** The manifest an index names: from the store, else from the registry. */
async function readEntry(registry: Registry, root: string, entry: Descriptor, name: string): Promise<FetchedManifest> {
  const { digest, mediaType, sizeBytes } = entry;
  if (blobSize(root, digest) === sizeBytes) return { digest, mediaType, bytes: readFileSync(blobPath(root, digest)) };
  const fetched = await registry.getManifest(digest);
  if (fetched.bytes.length !== sizeBytes) {
    throw unusable(name, `the manifest ${digest} has ${fetched.bytes.length} bytes, its index says ${sizeBytes}`);
  }
  return { digest, mediaType: mediaType || fetched.mediaType, bytes: fetched.bytes };
}

/** Only images of containers, all of whose layers can be had and unpacked. */
function checkImage({ config, layers }: ImageManifest, name: string): void {
  if (config.mediaType !== "" && !isConfigType(config.mediaType)) {
    throw new TsnsError("unsupported", "no-container-image", `${name} is no container image but has the type ${config.mediaType}`, {
      hint: "pull it with the program it was made for",
    });
  }
  if (config.sizeBytes > configBytesMax) throw unusable(name, `its configuration has ${config.sizeBytes} bytes`);
  for (const { mediaType, digest, urls } of layers) {
    if (isForeignLayerType(mediaType)) {
      const from = urls?.[0] === undefined ? "" : `; it is to be had at ${urls[0]}`;
      throw new TsnsError("unsupported", "foreign-layer", `${name}: the layer ${digest} may not be distributed by registries${from}`, {
        hint: "such layers are of Windows; choose another image or --platform",
      });
    }
    if (layerCompression(mediaType) === undefined) {
      throw new TsnsError("unsupported", "layer-media-type", `${name}: the layer ${digest} has the media type ${mediaType}`, {
        hint: "layers are tar archives, plain or packed by gzip or zstd",
      });
    }
  }
}

export interface ResolvedConfig {
  readonly text: string;
  readonly description: ImageDescription;
}

/** The configuration of a resolved image, from the store or the registry; checked against the manifest and the platform asked for. */
export async function resolveConfig(registry: Registry, { manifest }: Resolved, options: ResolveOptions): Promise<ResolvedConfig> {
  const name = renderReference(options.reference);
  const { digest } = manifest.config;
  const text = (await readConfig(registry, options.root, manifest.config, name)).toString("utf8");
  if (digestOf(text) !== digest) throw unusable(name, `its configuration ${digest} is no UTF-8`);
  const description = parseImageConfig(text);
  const [layers, diffIds] = [manifest.layers.length, description.diffIds.length];
  if (layers !== diffIds) throw unusable(name, `its manifest has ${layers} layers, its configuration ${diffIds}`);
  checkPlatform(description, options);
  return { text, description };
}

async function readConfig(registry: Registry, root: string, { digest, sizeBytes }: Descriptor, name: string): Promise<Buffer> {
  if (blobSize(root, digest) === sizeBytes) return readFileSync(blobPath(root, digest));
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of registry.getBlob(digest, { sizeBytes, name: `${name} (configuration ${digest})` })) {
    bytes += piece.length;
    if (bytes > sizeBytes) break;
    pieces.push(piece);
  }
  if (bytes !== sizeBytes) {
    throw new TsnsError("invalid", "blob-size", `the configuration of ${name} has ${bytes} bytes, its manifest says ${sizeBytes}`, {
      hint: "fetch it again; nothing was stored",
    });
  }
  const whole = Buffer.concat(pieces);
  const actual = digestOf(whole);
  if (actual === digest) return whole;
  throw new TsnsError(
    "invalid",
    "blob-mismatch",
    `the configuration of ${name} does not match its digest: it is ${actual}, not ${digest}`,
    {
      hint: "fetch it again; nothing was stored",
    },
  );
}

/** A single image of another processor is taken where none was asked for, as docker does: it may be meant for an emulator. */
export function checkPlatform(
  { os, architecture }: Pick<ImageDescription, "os" | "architecture">,
  { platform, reference }: Pick<ResolveOptions, "platform" | "reference">,
): void {
  const name = renderReference(reference);
  const made: Platform = { os, architecture, variant: "" };
  if (os !== "linux") {
    throw new TsnsError("unsupported", "wrong-platform", `${name} is for ${renderPlatform(made)}: images of ${os} cannot be used on Linux`);
  }
  if (!platform || architecture === "" || fits(made, { ...platform, variant: "" })) return;
  throw new TsnsError(
    "not-found",
    "wrong-platform",
    `${name} does not match the platform ${renderPlatform(platform)}: it is for ${renderPlatform(made)} only`,
    { hint: "leave --platform away to take it as it is" },
  );
}

function noPlatform(name: string, wanted: Platform, entries: readonly Descriptor[]): TsnsError {
  const known = entries.flatMap(({ platform }) => (platform && platform.os !== "unknown" ? [renderPlatform(platform)] : []));
  return new TsnsError("not-found", "no-matching-manifest", `no matching manifest for ${renderPlatform(wanted)} in the index of ${name}`, {
    hint: known.length === 0 ? "the index is empty" : `it is there for ${[...new Set(known)].join(", ")}: give --platform`,
  });
}

function unusable(name: string, reason: string): TsnsError {
  return new TsnsError("invalid", "bad-manifest", `${name} is damaged: ${reason}`, { hint: "push it again, or report it to its maker" });
}
