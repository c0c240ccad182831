// Use cases of manifest lists: put together from images of registries, looked at, described, sent, forgotten. No image is stored here.
import { TsnsError } from "../../base/error.ts";
import { parseObject } from "../../base/json.ts";
import { type ImageIndex, parseManifestBytes } from "../../image/manifest.ts";
import { blobsOf, entryObject, fileNameOf, type ListEntry, type ListPlatform, manifestOf, renderList } from "../../image/manifest-list.ts";
import { parseReference, type Reference } from "../../image/reference.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { Registry } from "../../registry/client.ts";
import type { Engine } from "../engine.ts";
import { connectRegistry, type RegistryAccess } from "../registry.ts";
import { openListStore } from "./list-store.ts";

/** Complete, with registry: docker's name of a reference. */
export function fullNameOf({ domain, path, tag, digest }: Reference): string {
  return `${domain}/${path}${digest === undefined ? `:${tag ?? "latest"}` : `@${digest}`}`;
}

const wantedOf = ({ tag, digest }: Reference): string => digest ?? tag ?? "latest";

export interface CreateRequest extends RegistryAccess {
  readonly list: Reference;
  readonly images: readonly Reference[];
  readonly amend: boolean;
}

/** False after a dry run. Throws conflict `list-exists`, what the registry says, invalid `nested-list`. */
export async function createList(engine: Engine, request: CreateRequest): Promise<boolean> {
  const { list, images, amend } = request;
  const store = openListStore(request.env);
  const name = fullNameOf(list);
  if (store.read(name) !== undefined && !amend) {
    throw new TsnsError("conflict", "list-exists", `refusing to amend an existing manifest list with no --amend flag: ${name}`, {
      hint: `give --amend, or forget it first: tsns manifest rm ${name}`,
    });
  }
  // all of them first: a list is made of what is there, or not at all
  const entries: ListEntry[] = [];
  for (const image of images) entries.push(await fetchEntry(image, request));
  if (engine.show({ steps: planList(store.path(name), entries) })) return false;
  for (const entry of entries) store.put(name, entry);
  return true;
}

function planList(directory: string, entries: readonly ListEntry[]): PlannedStep[] {
  const because = "kept for docker and tsns alike until it is pushed or forgotten";
  return [
    { step: { kind: "directory.create", path: directory, mode: 0o700 }, because },
    ...entries.map((entry): PlannedStep => {
      const { reference, digest, platform } = entry;
      const path = `${directory}/${fileNameOf(reference)}`;
      return {
        step: { kind: "file.write", path, mode: 0o644, text: JSON.stringify(entryObject(entry)) },
        because: `${reference} is ${digest} at its registry, made for ${[platform.os, platform.architecture].join("/")}`,
      };
    }),
  ];
}

/** An image's manifest and, from its configuration, what it is made for. */
async function fetchEntry(reference: Reference, access: RegistryAccess): Promise<ListEntry> {
  await using registry = await connectRegistry(reference, ["pull"], access);
  const { bytes, mediaType, digest } = await registry.getManifest(wantedOf(reference));
  return describe(registry, fullNameOf(reference), bytes, mediaType, digest);
}

async function describe(registry: Registry, name: string, bytes: Buffer, said: string, digest: string): Promise<ListEntry> {
  const parsed = parseManifestBytes(bytes, said, `the manifest of ${name}`);
  if (parsed.kind === "index") {
    throw new TsnsError("invalid", "nested-list", `${name} is a manifest list`, { hint: "name its images by their digests, one by one" });
  }
  const pieces: Buffer[] = [];
  for await (const piece of registry.getBlob(parsed.config.digest, { sizeBytes: parsed.config.sizeBytes })) pieces.push(piece);
  const config = parseObject(Buffer.concat(pieces).toString("utf8")) ?? {};
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const features = config["os.features"];
  const platform: ListPlatform = {
    architecture: text(config.architecture),
    os: text(config.os),
    variant: text(config.variant),
    osVersion: text(config["os.version"]),
    osFeatures: Array.isArray(features) ? features.filter((item) => typeof item === "string") : [],
  };
  return { reference: name, mediaType: parsed.mediaType, digest, bytes, platform };
}

export type Inspected =
  | { readonly kind: "image"; readonly entry: ListEntry }
  | { readonly kind: "list"; readonly bytes: Buffer; readonly entries: readonly ListEntry[] };

export interface InspectRequest extends RegistryAccess {
  /** The list in which `reference` is looked for first. */
  readonly list?: Reference | undefined;
  readonly reference: Reference;
  /** Whether the images of a list are wanted too. */
  readonly deep: boolean;
}

/** From the local lists, else from the registry. */
export async function inspectManifest(request: InspectRequest): Promise<Inspected> {
  const { reference, list } = request;
  const store = openListStore(request.env);
  const name = fullNameOf(reference);
  if (list) {
    const entry = store.read(fullNameOf(list))?.find((one) => one.reference === name);
    return { kind: "image", entry: entry ?? (await fetchEntry(reference, request)) };
  }
  const local = store.read(name);
  if (local) return { kind: "list", bytes: renderList(local).bytes, entries: local };
  await using registry = await connectRegistry(reference, ["pull"], request);
  const { bytes, mediaType, digest } = await registry.getManifest(wantedOf(reference));
  const parsed = parseManifestBytes(bytes, mediaType, `the manifest of ${name}`);
  if (parsed.kind === "image") return { kind: "image", entry: await describe(registry, name, bytes, mediaType, digest) };
  return { kind: "list", bytes, entries: request.deep ? await entriesOf(registry, reference, parsed) : [] };
}

async function entriesOf(registry: Registry, reference: Reference, index: ImageIndex): Promise<readonly ListEntry[]> {
  const entries: ListEntry[] = [];
  for (const { digest } of index.manifests) {
    const { bytes, mediaType } = await registry.getManifest(digest);
    entries.push(await describe(registry, fullNameOf({ ...reference, digest }), bytes, mediaType, digest));
  }
  return entries;
}

export interface AnnotateRequest {
  readonly env: RegistryAccess["env"];
  readonly list: Reference;
  readonly image: Reference;
  readonly platform: Partial<ListPlatform>;
}

/** Throws not-found `no-such-list`, `not-in-list`. */
export function annotateEntry(engine: Engine, { env, list, image, platform }: AnnotateRequest): void {
  const store = openListStore(env);
  const [name, wanted] = [fullNameOf(list), fullNameOf(image)];
  const entry = requireList(store.read(name), name).find(({ reference }) => reference === wanted);
  if (!entry) {
    throw new TsnsError("not-found", "not-in-list", `manifest for image ${wanted} does not exist in ${name}`, {
      hint: `add it: tsns manifest create --amend ${name} ${wanted}`,
    });
  }
  const changed: ListEntry = { ...entry, platform: { ...entry.platform, ...platform } };
  const text = JSON.stringify(entryObject(changed));
  const step = { kind: "file.write", path: `${store.path(name)}/${fileNameOf(wanted)}`, mode: 0o644, text } as const;
  if (engine.show({ steps: [{ step, because: `what ${wanted} is made for is noted in it` }] })) return;
  store.put(name, changed);
}

/** Undefined after a dry run. Throws not-found `no-such-list`, before any is removed. */
export function removeLists(engine: Engine, env: RegistryAccess["env"], lists: readonly Reference[]): void {
  const store = openListStore(env);
  const names = lists.map(fullNameOf);
  for (const name of names) requireList(store.read(name), name);
  if (engine.show({ steps: names.map((name) => planRemoval(store.path(name))) })) return;
  for (const name of names) store.remove(name);
}

export interface PushListRequest extends RegistryAccess {
  readonly list: Reference;
  /** Forget the list afterwards. */
  readonly purge: boolean;
  readonly onPushed: (name: string, digest: string) => void;
}

/** The list's digest; undefined after a dry run. Throws not-found `no-such-list`, invalid `other-registry`, `no-platform`. */
export async function pushList(engine: Engine, request: PushListRequest): Promise<string | undefined> {
  const { list, purge } = request;
  const store = openListStore(request.env);
  const name = fullNameOf(list);
  const entries = requireList(store.read(name), name);
  for (const entry of entries) checkEntry(entry, list);
  const { mediaType, bytes } = renderList(entries);
  const steps = [
    ...entries.flatMap((entry) => planEntry(entry, list)),
    planPut(list, wantedOf(list), mediaType, bytes, "the list itself, last"),
    ...(purge ? [planRemoval(store.path(name))] : []),
  ];
  if (engine.show({ steps })) return undefined;
  await using registry = await connectRegistry(list, ["pull", "push"], request);
  for (const entry of entries) {
    await lend(registry, entry, list);
    const { digest } = await registry.putManifest(entry.digest, entry.mediaType, entry.bytes);
    request.onPushed(entry.reference, digest);
  }
  const { digest } = await registry.putManifest(wantedOf(list), mediaType, bytes);
  if (purge) store.remove(name);
  return digest;
}

/** What an image of the list needs of another repository, and its manifest. */
function planEntry(entry: ListEntry, list: Reference): PlannedStep[] {
  const from = parseReference(entry.reference).path;
  const repository = `${list.domain}/${list.path}`;
  const blobs = from === list.path ? [] : blobsOf(manifestOf(entry));
  return [
    ...blobs.map(
      ({ digest }): PlannedStep => ({
        step: { kind: "blob.push", digest, repository, from },
        because: `${entry.reference} is in another repository of the registry, which lends it`,
      }),
    ),
    planPut(list, entry.digest, entry.mediaType, entry.bytes, `${entry.reference}, an image of the list`),
  ];
}

function planPut({ domain, path }: Reference, reference: string, mediaType: string, bytes: Buffer, because: string): PlannedStep {
  const step = { kind: "manifest.push", repository: `${domain}/${path}`, reference, mediaType, text: bytes.toString("utf8") } as const;
  return { step, because };
}

const planRemoval = (path: string): PlannedStep => ({
  step: { kind: "tree.remove", path, within: path.slice(0, path.lastIndexOf("/")) },
  because: "the list is forgotten",
});

/** Has the registry mount what the image needs from the repository it is in. */
async function lend(registry: Registry, entry: ListEntry, list: Reference): Promise<void> {
  const from = parseReference(entry.reference);
  if (from.path === list.path) return;
  for (const { digest } of blobsOf(manifestOf(entry))) {
    if ((await registry.hasBlob(digest)) || (await registry.mountBlob(digest, from.path))) continue;
    throw new TsnsError("unavailable", "no-mount", `${list.domain} does not lend ${digest} of ${from.path} to ${list.path}`, {
      hint: `push the image to ${list.domain}/${list.path} first`,
    });
  }
}

function checkEntry({ reference, platform }: ListEntry, list: Reference): void {
  const { domain } = parseReference(reference);
  if (domain !== list.domain) {
    throw new TsnsError(
      "invalid",
      "other-registry",
      `cannot use source images from a different registry than the target image: ${domain} != ${list.domain}`,
      {
        hint: `push ${reference} to ${list.domain} first`,
      },
    );
  }
  if (platform.os !== "" && platform.architecture !== "") return;
  throw new TsnsError("invalid", "no-platform", `manifest ${reference} must have an OS and Architecture to be pushed to a registry`, {
    hint: `say them: tsns manifest annotate --os linux --arch amd64 ${fullNameOf(list)} ${reference}`,
  });
}

function requireList(entries: readonly ListEntry[] | undefined, name: string): readonly ListEntry[] {
  if (entries) return entries;
  throw new TsnsError("not-found", "no-such-list", `No such manifest: ${name}`, { hint: `make it: tsns manifest create ${name} IMAGE...` });
}
