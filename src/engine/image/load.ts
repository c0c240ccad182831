// Use case: an archive of images (docker save, OCI layout) into the store. Every layer is verified against its diff id.
import { TsnsError } from "../../base/error.ts";
import { shortId } from "../../base/id.ts";
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
import { type ArchiveFile, openArchive, tryOpenArchive } from "../../kernel/tree/archive-file.ts";
import { type StagedLayer, stageLayer } from "../../kernel/tree/layer.ts";
import { type Chunks, checkReadable } from "../../kernel/tree/stream.ts";
import type { PlannedStep } from "../../plan/plan.ts";
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

/** Loads all images of an archive, or none. Undefined after a dry run. Throws TsnsError invalid `bad-archive`, `layer-mismatch`, and what unpacking throws. */
export async function loadImages(engine: Engine, request: LoadRequest): Promise<readonly Loaded[] | undefined> {
  const { source } = request;
  if (engine.mode.dryRun && typeof source === "string") checkReadable(source);
  const stepsIn = (directory: string) => planLoad(engine, source, directory);
  return withWorkDirectory(engine, stepsIn, async (directory) => {
    using archive = await openArchive(source, `${directory}/archive`, request.signal);
    const images = readImages(archive);
    engine.timings.mark("archive opened");
    const staged = new Map<string, StagedLayer>();
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      await stageMissing(engine, archive, images, { directory, staged, request });
      engine.timings.mark("layers unpacked");
      const records = commitImages(
        engine,
        images.map(({ image }) => image),
        staged,
      );
      engine.timings.mark("images stored");
      if (records) return records.map((image, at) => ({ image, names: images[at]?.image.references.map(renderReference) ?? [] }));
    }
    throw new TsnsError("conflict", "layers-vanish", "other commands remove the layers of these images while they are loaded", {
      hint: "try again",
    });
  });
}

interface ImageInArchive {
  readonly archived: ArchivedImage;
  readonly image: NewImage;
}

function readImages(archive: ArchiveFile): ImageInArchive[] {
  return listArchived(archive).map((archived) => ({ archived, image: readImage(archive, archived) }));
}

/** What a load will do. An archive that has to be copied first keeps its images to itself until then. */
function planLoad(engine: Engine, source: string | Chunks, directory: string): PlannedStep[] {
  const path = typeof source === "string" ? source : "-";
  using archive = typeof source === "string" ? tryOpenArchive(source) : undefined;
  if (archive) return planImages(engine, path, readImages(archive), directory);
  return [
    {
      step: { kind: "archive.copy", source: path, path: `${directory}/archive` },
      because: "compressed or a pipe: its members can be read in any order only from a plain file; which images it holds is known then",
    },
    { step: { kind: "image.put", names: [] }, because: "the images of the archive, all or none; their layers are unpacked before" },
  ];
}

function planImages(engine: Engine, archive: string, images: readonly ImageInArchive[], directory: string): PlannedStep[] {
  const planned = new Set<string>();
  const unpack = images.flatMap(({ archived, image: { description } }) =>
    description.diffIds.flatMap((diffId, at): PlannedStep[] => {
      if (planned.has(diffId) || findLayer(engine.store, diffId)) return [];
      planned.add(diffId);
      const place = `${directory}/${planned.size - 1}`;
      return [
        {
          step: { kind: "layer.unpack", archive, member: archived.layerPaths[at] ?? "", directory: place },
          because: `no image has the layer ${shortId(diffId)} yet; verified against its diff id`,
        },
      ];
    }),
  );
  const put = images.map(
    ({ image }): PlannedStep => ({
      step: { kind: "image.put", id: digestOf(image.configText), names: image.references.map(renderReference) },
      because: "layers are renamed to their digests, the image becomes known; all images of the archive or none",
    }),
  );
  return [...unpack, ...put];
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
  images: readonly ImageInArchive[],
  { directory, staged, request }: Staging,
): Promise<void> {
  for (const { archived, image } of images) {
    const { diffIds } = image.description;
    for (const [at, diffId] of diffIds.entries()) {
      if (staged.has(diffId) || findLayer(engine.store, diffId)) continue;
      request.onLayer?.({ number: at + 1, count: diffIds.length, diffId });
      const path = `${directory}/${staged.size}`;
      const layer = await stageLayer(archive.stream(archived.layerPaths[at] ?? ""), path, {
        withRecipe: true,
        ...(request.signal ? { signal: request.signal } : {}),
      });
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
