// Which images an archive holds: docker's list (manifest.json), the OCI layout (index.json), or both at once, as docker writes since
// version 25. Reads and checks the small members; layers are only named.
import { TsnsError } from "../../base/error.ts";
import { type ArchivedImage, blobMember, namesOfDescriptor, parseDockerManifest, parseIndex, parseManifest } from "../../image/archive.ts";
import { parseImageConfig } from "../../image/config.ts";
import { isIndexType } from "../../image/media-type.ts";
import { choosePlatform, normalize, type Platform, renderPlatform } from "../../image/platform.ts";
import { parseReference } from "../../image/reference.ts";
import type { ArchiveFile } from "../../kernel/tree/archive-file.ts";
import { digestOf } from "../../store/blob.ts";
import type { NewImage } from "./commit.ts";

/** A manifest or index as it is in the archive. */
export interface ArchivedManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly text: string;
}

export interface ArchivedLayer {
  readonly member: string;
  readonly diffId: string;
  /** Digest that the archive gives the member. */
  readonly digest?: string;
  /** What the manifest says it is. */
  readonly mediaType?: string;
}

export interface ImageInArchive {
  readonly image: NewImage;
  readonly layers: readonly ArchivedLayer[];
  /** To be kept, its own first: they make the image known to registries by the same digest. */
  readonly manifests: readonly ArchivedManifest[];
}

interface LayoutImage extends ArchivedImage {
  readonly manifests: readonly ArchivedManifest[];
  readonly layerTypes: readonly string[];
}

/** All images for a platform. Throws TsnsError invalid `bad-archive`, unsupported `wrong-platform`. */
export function readImages(archive: ArchiveFile, wanted: Platform): ImageInArchive[] {
  return listArchived(archive, wanted).map((archived) => readImage(archive, archived));
}

function listArchived(archive: ArchiveFile, wanted: Platform): LayoutImage[] {
  if (!archive.has("manifest.json")) {
    if (archive.has("index.json")) return listLayout(archive, wanted, true);
    throw new TsnsError("invalid", "bad-archive", "the archive holds no images: neither manifest.json nor index.json is in it", {
      hint: "a plain root file system is for tsns import",
    });
  }
  const layout = archive.has("index.json") ? listLayout(archive, wanted, false) : [];
  const hexOf = (path: string) => /([0-9a-f]{64})(?:\.json)?$/.exec(path)?.[1] ?? path;
  return parseDockerManifest(archive.readText("manifest.json")).map((image) => {
    // docker makes a manifest of plain tars only to save it: a registry never had it, nor should it get one
    const same = layout.find((other) => hexOf(other.configPath) === hexOf(image.configPath) && other.layerTypes.some(isPacked));
    return same ? { ...image, layerPaths: same.layerPaths, layerTypes: same.layerTypes, manifests: same.manifests } : plain(image);
  });
}

const plain = (image: ArchivedImage): LayoutImage => ({ ...image, layerTypes: [], manifests: [] });
const isPacked = (mediaType: string): boolean => /[.+](?:gzip|zstd)$/.test(mediaType);

/** Images of an OCI layout; of an image for several platforms the best for the wanted one. Not strict: what is incomplete is left out. */
function listLayout(archive: ArchiveFile, wanted: Platform, isStrict: boolean): LayoutImage[] {
  const images: LayoutImage[] = [];
  const visit = (digest: string, mediaType: string, names: readonly string[], above: readonly ArchivedManifest[]): void => {
    const member = blobMember(digest);
    if (!isStrict && !archive.has(member)) return;
    const text = archive.readText(member);
    if (digestOf(text) !== digest) throw damaged(`${member} does not match its digest`);
    const manifest: ArchivedManifest = { digest, mediaType, text };
    if (isIndexType(mediaType)) {
      const here = parseIndex(text, member).filter((inner) => archive.has(blobMember(inner.digest)));
      const chosen = choosePlatform(
        here.map(({ platform, ...inner }) => ({ ...inner, ...(platform ? { platform: { variant: "", ...platform } } : {}) })),
        wanted,
      );
      if (chosen && above.length <= 3) visit(chosen.digest, chosen.mediaType, names, [manifest, ...above]);
      else if (isStrict) throw otherPlatform(names[0] ?? digest, wanted);
      return;
    }
    const { config, layers, layerTypes } = parseManifest(text, member);
    images.push({
      configPath: blobMember(config),
      layerPaths: layers.map(blobMember),
      layerTypes,
      names,
      manifests: [manifest, ...above],
    });
  };
  for (const descriptor of parseIndex(archive.readText("index.json"), "index.json")) {
    visit(descriptor.digest, descriptor.mediaType, namesOfDescriptor(descriptor), []);
  }
  if (isStrict && images.length === 0)
    throw new TsnsError("invalid", "bad-archive", "the archive holds no images: its index.json is empty");
  return mergeNames(images);
}

/** docker lists an image once for each of its names. */
function mergeNames(images: readonly LayoutImage[]): LayoutImage[] {
  const merged = new Map<string, LayoutImage>();
  for (const image of images) {
    const key = image.manifests[0]?.digest ?? image.configPath;
    const known = merged.get(key);
    merged.set(key, known ? { ...known, names: [...new Set([...known.names, ...image.names])] } : image);
  }
  return [...merged.values()];
}

function readImage(archive: ArchiveFile, archived: LayoutImage): ImageInArchive {
  const configText = archive.readText(archived.configPath);
  const description = parseImageConfig(configText);
  const expected = digestOfMember(archived.configPath);
  if (expected !== undefined && digestOf(configText) !== expected) throw damaged(`${archived.configPath} does not match its digest`);
  const [count, diffIds] = [archived.layerPaths.length, description.diffIds.length];
  if (count !== diffIds) throw damaged(`${archived.configPath} has ${diffIds} layers, the archive ${count}`);
  for (const path of archived.layerPaths) if (!archive.has(path)) throw damaged(`the layer ${path} is not in it`);
  const layers = archived.layerPaths.map((member, at): ArchivedLayer => {
    const [digest, mediaType] = [digestOfMember(member), archived.layerTypes[at]];
    return {
      member,
      diffId: description.diffIds[at] ?? "",
      ...(digest === undefined ? {} : { digest }),
      ...(mediaType ? { mediaType } : {}),
    };
  });
  return { image: { description, configText, references: archived.names.map(parseReference) }, layers, manifests: archived.manifests };
}

/** The digest a member of a layout is called by. */
function digestOfMember(path: string): string | undefined {
  const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
  return hex === undefined ? undefined : `sha256:${hex}`;
}

function damaged(reason: string): TsnsError {
  return new TsnsError("invalid", "bad-archive", `the archive is damaged: ${reason}`, { hint: "fetch or make it again" });
}

function otherPlatform(name: string, wanted: Platform): TsnsError {
  return new TsnsError("unsupported", "wrong-platform", `the archive has no image ${name} for ${renderPlatform(normalize(wanted))}`);
}
