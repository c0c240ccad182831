// Use case: an archive of images (docker save, OCI layout) into the store. Every layer is verified against its diff id.
import { TsnsError } from "../../base/error.ts";
import {
  type ArchivedImage,
  blobMember,
  isIndexType,
  namesOfDescriptor,
  parseDockerManifest,
  parseIndex,
  parseManifest,
} from "../../image/archive.ts";
import { parseImageConfig } from "../../image/config.ts";
import { platformArchitecture } from "../../image/host.ts";
import { parseReference, renderReference } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { type ArchiveFile, openArchive } from "../../kernel/tree/archive-file.ts";
import { type StagedLayer, stageLayer } from "../../kernel/tree/layer.ts";
import type { Chunks } from "../../kernel/tree/stream.ts";
import { digestOf } from "../../store/blob.ts";
import { findLayer } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";
import { commitImages, type NewImage, withWorkDirectory } from "./commit.ts";

export interface LoadRequest {
  /** A file, or its bytes. */
  readonly source: string | Chunks;
  /** Called before each layer that has to be unpacked. */
  readonly onLayer?: (layer: { readonly number: number; readonly count: number; readonly diffId: string }) => void;
  readonly signal?: AbortSignal;
}

export interface Loaded {
  readonly image: ImageRecord;
  /** Names it has been given, as stored. */
  readonly names: readonly string[];
}

/** How often another command may take layers away under a load. */
const attemptsMax = 3;

/** Loads all images of an archive, or none. Throws TsnsError invalid `bad-archive`, `layer-mismatch`, and what unpacking throws. */
export async function loadImages(engine: Engine, request: LoadRequest): Promise<readonly Loaded[]> {
  return withWorkDirectory(engine, async (directory) => {
    using archive = await openArchive(request.source, `${directory}/archive`, request.signal);
    const images = listArchived(archive).map((archived) => ({ archived, image: readImage(archive, archived) }));
    const staged = new Map<string, StagedLayer>();
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      await stageMissing(engine, archive, images, { directory, staged, request });
      const records = commitImages(
        engine,
        images.map(({ image }) => image),
        staged,
      );
      if (records) return records.map((image, at) => ({ image, names: images[at]?.image.references.map(renderReference) ?? [] }));
    }
    throw new TsnsError("conflict", "layers-vanish", "other commands remove the layers of these images while they are loaded", {
      hint: "try again",
    });
  });
}

function listArchived(archive: ArchiveFile): ArchivedImage[] {
  if (archive.has("manifest.json")) return parseDockerManifest(archive.readText("manifest.json"));
  if (archive.has("index.json")) return listLayout(archive);
  throw new TsnsError("invalid", "bad-archive", "the archive holds no images: neither manifest.json nor index.json is in it", {
    hint: "a plain root file system is for tsns import",
  });
}

/** Images of an OCI layout; of an image for several platforms the one of this machine. */
function listLayout(archive: ArchiveFile): ArchivedImage[] {
  const images: ArchivedImage[] = [];
  const visit = (digest: string, mediaType: string, names: readonly string[], depth: number): void => {
    const member = blobMember(digest);
    if (isIndexType(mediaType)) {
      const fitting = parseIndex(archive.readText(member), member).filter(
        (inner) => archive.has(blobMember(inner.digest)) && isThisPlatform(inner.platform),
      );
      const [first] = fitting;
      if (!first || depth > 3) throw notForThisMachine(names[0] ?? digest);
      visit(first.digest, first.mediaType, names, depth + 1);
      return;
    }
    const { config, layers } = parseManifest(archive.readText(member), member);
    images.push({ configPath: blobMember(config), layerPaths: layers.map(blobMember), names });
  };
  for (const descriptor of parseIndex(archive.readText("index.json"), "index.json")) {
    visit(descriptor.digest, descriptor.mediaType, namesOfDescriptor(descriptor), 0);
  }
  if (images.length === 0) throw new TsnsError("invalid", "bad-archive", "the archive holds no images: its index.json is empty");
  return images;
}

function isThisPlatform(platform: { readonly os: string; readonly architecture: string } | undefined): boolean {
  return platform === undefined || (platform.os === "linux" && platform.architecture === platformArchitecture(process.arch));
}

function readImage(archive: ArchiveFile, archived: ArchivedImage): NewImage {
  const configText = archive.readText(archived.configPath);
  const description = parseImageConfig(configText);
  const expected = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(archived.configPath)?.[1];
  if (expected !== undefined && digestOf(configText) !== `sha256:${expected}`) {
    throw new TsnsError("invalid", "bad-archive", `the archive is damaged: ${archived.configPath} does not match its digest`);
  }
  const [layers, diffIds] = [archived.layerPaths.length, description.diffIds.length];
  if (layers !== diffIds) {
    throw new TsnsError(
      "invalid",
      "bad-archive",
      `the archive is damaged: ${archived.configPath} has ${diffIds} layers, the archive ${layers}`,
    );
  }
  for (const path of archived.layerPaths) {
    if (!archive.has(path)) throw new TsnsError("invalid", "bad-archive", `the archive is damaged: the layer ${path} is not in it`);
  }
  return { description, configText, references: archived.names.map(parseReference) };
}

interface Staging {
  readonly directory: string;
  readonly staged: Map<string, StagedLayer>;
  readonly request: LoadRequest;
}

async function stageMissing(
  engine: Engine,
  archive: ArchiveFile,
  images: readonly { readonly archived: ArchivedImage; readonly image: NewImage }[],
  { directory, staged, request }: Staging,
): Promise<void> {
  for (const { archived, image } of images) {
    const { diffIds } = image.description;
    for (const [at, diffId] of diffIds.entries()) {
      if (staged.has(diffId) || findLayer(engine.store, diffId)) continue;
      request.onLayer?.({ number: at + 1, count: diffIds.length, diffId });
      const path = `${directory}/${staged.size}`;
      const layer = await stageLayer(archive.stream(archived.layerPaths[at] ?? ""), path, request.signal ? { signal: request.signal } : {});
      if (layer.diffId !== diffId) throw mismatch(archived.layerPaths[at] ?? "", diffId, layer.diffId);
      for (const warning of layer.warnings) engine.warn(warning);
      staged.set(diffId, layer);
    }
  }
}

function mismatch(member: string, expected: string, actual: string): TsnsError {
  return new TsnsError("invalid", "layer-mismatch", `the layer ${member} is ${actual}, its image says ${expected}`, {
    hint: "the archive is damaged or has been changed; fetch or make it again",
  });
}

function notForThisMachine(name: string): TsnsError {
  return new TsnsError("unsupported", "wrong-platform", `the archive has no image ${name} for linux/${platformArchitecture(process.arch)}`);
}
