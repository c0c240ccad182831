// Use case: an image to a registry. What is there already stays there, what another repository of the same registry has is mounted, the
// rest is sent, several layers at once; the manifest comes last, so that the tag never names something incomplete.
import { named, TsnsError } from "../../base/error.ts";
import { shortId } from "../../base/id.ts";
import { isManifestType } from "../../image/media-type.ts";
import type { Platform } from "../../image/platform.ts";
import type { OnProgress } from "../../image/progress.ts";
import { parseReference, type Reference, renderReference, renderRepository, splitReferenceKey } from "../../image/reference.ts";
import type { ImageRecord } from "../../image/spec.ts";
import type { Chunks } from "../../kernel/tree/stream.ts";
import type { Registry } from "../../registry/client.ts";
import { putBlob } from "../../store/blob.ts";
import { putManifest, releaseBlobs } from "../../store/image-content.ts";
import { findImage, namesOf, tagImage, tryFindImage } from "../../store/image-record.ts";
import type { Engine } from "../engine.ts";
import { connectRegistry, type RegistryAccess } from "../registry.ts";
import { recordImageEvent } from "./event.ts";
import { openGate } from "./gate.ts";
import { requirePlatform } from "./platform.ts";
import { planPush } from "./push-plan.ts";
import { openStoredImage, type StoredImage, type StoredLayer } from "./stored.ts";

export interface PushRequest extends RegistryAccess {
  readonly reference: Reference;
  /** All tags of the repository. */
  readonly allTags: boolean;
  /** Only what is for this platform. */
  readonly platform?: Platform | undefined;
  readonly onProgress: OnProgress;
  readonly signal?: AbortSignal;
}

export interface Pushed {
  readonly name: string;
  readonly digest: string;
}

/** docker's limit. */
const uploadsAtOnce = 5;
/** Repositories that are asked for a blob before it is sent. */
const mountsMax = 3;

/** Empty after a dry run. Throws not-found `no-local-tag`, what the registry refuses, and as `openStoredImage`. */
export async function pushImages(engine: Engine, request: PushRequest): Promise<readonly Pushed[]> {
  const { reference, onProgress } = request;
  const images = chooseTags(engine, request);
  for (const { image, tag } of images) requirePlatform(image, request.platform, renderReference({ ...reference, tag }));
  const plans = images.map(({ image, tag }) => planPush(engine, image, reference, tag));
  if (engine.show({ steps: plans.flat() })) return [];
  onProgress({ message: `The push refers to repository [${reference.domain}/${reference.path}]` });
  await using registry = await connectRegistry(reference, ["pull", "push"], { onRetry: (text) => engine.warn(text), ...request });
  const pushed: Pushed[] = [];
  try {
    for (const { image, tag } of images) {
      try {
        pushed.push(await pushOne(engine, registry, request, image, tag));
        recordImageEvent(engine, "push", { id: renderReference({ ...reference, tag }), name: renderRepository(reference), image });
      } catch (error) {
        throw named(error, renderReference({ ...reference, tag }), renderRepository(reference));
      }
    }
  } finally {
    releaseBlobs(engine.store, engine.self.pid);
  }
  return pushed;
}

interface Tagged {
  readonly image: ImageRecord;
  readonly tag: string;
}

function chooseTags(engine: Engine, { reference, allTags }: PushRequest): readonly Tagged[] {
  const repository = renderRepository(reference);
  const { tag = "latest" } = reference;
  if (!allTags) {
    const image = tryFindImage(engine.store, renderReference(reference));
    if (image) return [{ image, tag }];
    throw taggedIn(engine, repository).length === 0 ? noTag(repository, tag) : missingTag(repository, tag);
  }
  const tags = taggedIn(engine, repository);
  if (tags.length > 0) return tags.map((key) => ({ image: findImage(engine.store, `${repository}:${key}`), tag: key }));
  throw noTag(repository, "TAG");
}

/** Tags of a repository's names here. */
function taggedIn(engine: Engine, repository: string): readonly string[] {
  const rows = engine.store.all("SELECT name FROM tag WHERE name > ? AND name < ? ORDER BY name", `${repository}:`, `${repository};`);
  const keys = rows.map((row) => splitReferenceKey(String(row.name)));
  return keys.flatMap((key) => (key.repository === repository && key.tag !== "" ? [key.tag] : []));
}

/** docker's words for a repository of which nothing is here, and for a tag that is not. */
function noTag(repository: string, tag: string): TsnsError {
  return new TsnsError("not-found", "no-local-tag", `An image does not exist locally with the tag: ${repository}`, {
    hint: `give an image a name in it first: tsns tag IMAGE ${repository}:${tag}`,
  });
}

function missingTag(repository: string, tag: string): TsnsError {
  return new TsnsError("not-found", "no-local-tag", `tag does not exist: ${repository}:${tag}`, {
    hint: `tsns images ${repository} lists those that are here`,
  });
}

async function pushOne(engine: Engine, registry: Registry, request: PushRequest, image: ImageRecord, tag: string): Promise<Pushed> {
  const { reference, onProgress, signal } = request;
  for (const diffId of [...image.diffIds].reverse()) onProgress({ id: shortId(diffId), status: "Preparing" });
  const gate = openGate(uploadsAtOnce);
  const sent = new Map<string, Promise<void>>();
  // docker's own manifests where none is kept: clients and registries of every age read them
  const stored = await openStoredImage(engine, image, {
    family: "docker",
    layers: "packed",
    keeps: isManifestType,
    onLayer(layer) {
      const { digest } = layer.descriptor;
      if (sent.has(digest)) return;
      const work = gate.run(() => pushLayer(engine, registry, request, layer));
      work.catch(() => {}); // reported below, when all are waited for
      sent.set(digest, work);
    },
  }).catch(async (error: unknown) => {
    await Promise.allSettled(sent.values());
    throw error;
  });
  signal?.throwIfAborted();
  await allOf([...sent.values()]);
  engine.timings.mark("layers sent");
  if (!(await registry.hasBlob(image.id))) await registry.putBlob(image.id, stored.config.length, () => oneChunk(stored.config));
  const { bytes, mediaType } = stored.manifest;
  const { digest } = await registry.putManifest(tag, mediaType, bytes);
  engine.timings.mark("manifest sent");
  remember(engine, stored, reference);
  onProgress({ message: `${tag}: digest: ${digest} size: ${bytes.length}` });
  return { name: renderReference({ ...reference, tag }), digest };
}

/** Waits for all, then throws the first failure. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}

async function pushLayer(engine: Engine, registry: Registry, request: PushRequest, layer: StoredLayer): Promise<void> {
  const { onProgress } = request;
  const { digest, sizeBytes } = layer.descriptor;
  const id = shortId(layer.diffId);
  if (await registry.hasBlob(digest)) return onProgress({ id, status: "Layer already exists" });
  for (const from of repositoriesWith(engine, layer.diffId, request.reference)) {
    if (await registry.mountBlob(digest, from)) return onProgress({ id, status: `Mounted from ${from}` });
  }
  await registry.putBlob(digest, sizeBytes, () =>
    counted(layer.open(), (current) => onProgress({ id, status: "Pushing", current, total: sizeBytes })),
  );
  onProgress({ id, status: "Pushed" });
}

/** Other repositories of the same registry that have had an image with this layer. */
function repositoriesWith(engine: Engine, diffId: string, { domain, path }: Reference): readonly string[] {
  const rows = engine.store.all(
    "SELECT DISTINCT image.id FROM image, json_each(image.record, '$.diffIds') AS layer WHERE layer.value = ? LIMIT 100",
    diffId,
  );
  const names = rows.flatMap((row) => namesOf(engine.store, String(row.id)));
  // only a digest tells that the registry has had it
  const known = names.filter((name) => name.includes("@")).map(parseReference);
  return [...new Set(known.filter((one) => one.domain === domain && one.path !== path).map((one) => one.path))].slice(0, mountsMax);
}

/** The manifest stays with the image, so that the next push sends the same; and its name by digest, as docker keeps it. */
function remember(engine: Engine, { image, manifest }: StoredImage, reference: Reference): void {
  engine.store.transaction(() => {
    if (!tryFindImage(engine.store, image.id)) return;
    putBlob(engine.root, manifest.bytes);
    putManifest(engine.store, image.id, { digest: manifest.digest, mediaType: manifest.mediaType });
    tagImage(engine.store, image.id, { domain: reference.domain, path: reference.path, digest: manifest.digest });
  });
}

async function* counted(source: Chunks, note: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    yield chunk;
    bytes += chunk.length;
    note(bytes);
  }
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
