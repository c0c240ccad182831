// Use case: images into one archive that docker, podman, skopeo and umoci load. The same images give the same bytes.
import { blobMember } from "../../image/archive.ts";
import { layoutMark, type RenderedImage, renderDockerManifest, renderLayoutIndex, renderRepositories } from "../../image/archive-render.ts";
import { parseImageConfig } from "../../image/config.ts";
import { isManifestType, ociManifestType } from "../../image/media-type.ts";
import { normalize, type Platform } from "../../image/platform.ts";
import { parseReference, type Reference, renderReference, renderRepository, tryParseReference } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import { checkWritable, openOutputFile } from "../../kernel/tree/output-file.ts";
import type { Chunks } from "../../kernel/tree/stream.ts";
import { type TarMemberSource, writeTar } from "../../kernel/tree/tar-stream.ts";
import type { ArchiveMember } from "../../plan/step/image.ts";
import { blobPath } from "../../store/blob.ts";
import { blobSize } from "../../store/content.ts";
import { releaseBlobs } from "../../store/image-content.ts";
import { findImage, namesOf } from "../../store/image-record.ts";
import type { Engine } from "../engine.ts";
import { recordImageEvent } from "./event.ts";
import { requirePlatform } from "./platform.ts";
import { findKept, openStoredImage, type StoredImage } from "./stored.ts";

export interface SaveRequest {
  /** Names or ids; a repository without a tag stands for all of its tags, as docker has it. */
  readonly images: readonly string[];
  /** Only what is for this platform. */
  readonly platform?: Platform | undefined;
  /** "docker": docker's archive and an OCI layout at once; "oci": only the layout, with OCI's media types. */
  readonly format: "docker" | "oci";
  /** Absolute, or "-". */
  readonly output: string;
  /** Takes the archive where `output` is "-". */
  readonly write: (bytes: Uint8Array) => void;
  readonly signal?: AbortSignal;
}

interface Chosen {
  readonly image: ImageRecord;
  readonly references: readonly Reference[];
}

/** False after a dry run. Throws not-found `no-such-image`, unsupported `host-image`, KernelError for the file. */
export async function saveImages(engine: Engine, request: SaveRequest): Promise<boolean> {
  const chosen = chooseImages(engine, request.images);
  for (const { image, references } of chosen) {
    requirePlatform(image, request.platform, references[0] ? renderReference(references[0]) : image.id);
  }
  if (request.output !== "-") checkWritable(request.output);
  const names = chosen.map(({ image, references }) => (references[0] ? renderReference(references[0]) : image.id));
  const isShown = engine.mode.dryRun || engine.mode.explain !== false;
  const members = isShown ? plannedMembers(engine, chosen, request.format) : undefined;
  const step = { kind: "archive.write", path: request.output, images: names, ...(members ? { members } : {}) } as const;
  if (engine.show({ steps: [{ step, because: "layers as they came, manifests with the digests registries know" }] })) return false;
  try {
    const images: { readonly stored: StoredImage; readonly references: readonly Reference[] }[] = [];
    for (const { image, references } of chosen) {
      const stored = await openStoredImage(engine, image, {
        family: "oci",
        layers: "as-is",
        keeps: keptIn(request.format),
      });
      images.push({ stored, references });
    }
    engine.timings.mark("images found");
    const sources = membersOf(images, request.format);
    if (request.output === "-") await writeTar(sources, request.write, request.signal);
    else {
      using file = openOutputFile(request.output);
      await writeTar(sources, file.write, request.signal);
      file.commit();
    }
    for (const { stored } of images) recordImageEvent(engine, "save", { id: stored.image.id, image: stored.image });
    engine.timings.mark("archive written");
    return true;
  } finally {
    releaseBlobs(engine.store, engine.self.pid);
  }
}

/** Which manifests an archive may have as they came. */
const keptIn = (format: SaveRequest["format"]): ((mediaType: string) => boolean) =>
  format === "oci" ? (mediaType) => mediaType === ociManifestType : isManifestType;

/** What will be in the archive where all of it is there as it is; undefined where layers have to be packed or put together. */
function plannedMembers(engine: Engine, chosen: readonly Chosen[], format: SaveRequest["format"]): readonly ArchiveMember[] | undefined {
  const images = chosen.flatMap(({ image, references }) => {
    const stored = image.source === "host" ? undefined : findKept(engine, image, keptIn(format));
    return stored ? [{ stored, references }] : [];
  });
  if (images.length < chosen.length) return undefined;
  const members: ArchiveMember[] = [];
  for (const { header, data } of membersOf(images, format)) {
    const { path, type } = header;
    const digest = path.startsWith("blobs/sha256/") ? `sha256:${path.slice("blobs/sha256/".length)}` : undefined;
    if (type === "directory") continue;
    if (digest !== undefined && blobSize(engine.root, digest) !== undefined) members.push({ path, file: blobPath(engine.root, digest) });
    else if (Buffer.isBuffer(data)) members.push({ path, text: data.toString("utf8") });
    else return undefined;
  }
  return members;
}

/** Each image once, in the order given, with the names it was asked for by. */
function chooseImages(engine: Engine, texts: readonly string[]): Chosen[] {
  const chosen = new Map<string, Chosen>();
  for (const text of texts) {
    for (const { image, references } of imagesOf(engine, text)) {
      const known = chosen.get(image.id)?.references ?? [];
      const fresh = references.filter((one) => !known.some((other) => renderReference(other) === renderReference(one)));
      chosen.set(image.id, { image, references: [...known, ...fresh] });
    }
  }
  return [...chosen.values()];
}

function imagesOf(engine: Engine, text: string): readonly Chosen[] {
  const reference = tryParseReference(text);
  const isBare = reference !== undefined && reference.digest === undefined && !/:[^/]*$/.test(text);
  if (reference && isBare) {
    const names = tagsOf(engine, renderRepository(reference));
    if (names.length > 0) return names.map((name) => ({ image: findImage(engine.store, name), references: [parseReference(name)] }));
  }
  const image = findImage(engine.store, text);
  const isName = reference?.digest === undefined && reference && namesOf(engine.store, image.id).includes(renderReference(reference));
  return [{ image, references: reference && isName ? [reference] : [] }];
}

/** Names with a tag, of one repository. */
function tagsOf(engine: Engine, repository: string): readonly string[] {
  // ";" comes after ":": all names that begin with the repository and a colon
  const rows = engine.store.all("SELECT name FROM tag WHERE name > ? AND name < ? ORDER BY name", `${repository}:`, `${repository};`);
  return rows.map((row) => String(row.name)).filter((name) => !name.includes("@") && !name.slice(repository.length + 1).includes("/"));
}

type Opened = readonly { readonly stored: StoredImage; readonly references: readonly Reference[] }[];

/** In the order of their names; blobs that images share are there once. */
function membersOf(images: Opened, format: "docker" | "oci"): TarMemberSource[] {
  const blobs = new Map<string, TarMemberSource>();
  const add = (digest: string, sizeBytes: number, data: () => Chunks | Uint8Array) => {
    const path = blobMember(digest);
    if (blobs.has(path)) return;
    const header = { path, type: "file", sizeBytes } as const;
    blobs.set(path, {
      header,
      get data() {
        return data();
      },
    });
  };
  for (const { stored } of images) {
    add(stored.image.id, stored.config.length, () => stored.config);
    add(stored.manifest.digest, stored.manifest.bytes.length, () => stored.manifest.bytes);
    for (const { descriptor, open } of stored.layers) add(descriptor.digest, descriptor.sizeBytes, open);
  }
  const rendered = images.map(render);
  const text = (path: string, content: string): TarMemberSource => {
    const data = Buffer.from(content);
    return { header: { path, type: "file", sizeBytes: data.length }, data };
  };
  const repositories = renderRepositories(rendered);
  const directory = (path: string): TarMemberSource => ({ header: { path, type: "directory" } });
  return [
    directory("blobs/"),
    directory("blobs/sha256/"),
    ...[...blobs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, member]) => member),
    text("index.json", renderLayoutIndex(rendered, format === "oci" ? "full" : "tag")),
    ...(format === "docker" ? [text("manifest.json", renderDockerManifest(rendered))] : []),
    text("oci-layout", layoutMark),
    ...(format === "docker" && repositories !== undefined ? [text("repositories", repositories)] : []),
  ];
}

function render({ stored, references }: Opened[number]): RenderedImage {
  const { image, manifest, layers, config } = stored;
  const { os, architecture } = parseImageConfig(config.toString("utf8"));
  const platform = architecture === "" ? {} : { platform: normalize({ os, architecture, variant: "" }) };
  return {
    id: image.id,
    manifest: { mediaType: manifest.mediaType, digest: manifest.digest, sizeBytes: manifest.bytes.length, ...platform },
    layers,
    references,
  };
}
