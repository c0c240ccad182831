// Image rows and their tags: put, find by name or id, list, tag, untag. Knows no files; layers and blobs are beside it.
import { TsnsError } from "../base/error.ts";
import { hostImage, hostImageName } from "../image/host.ts";
import { parseIdPrefix, parseReference, type Reference, renderReference, tryParseReference } from "../image/reference.ts";
import type { ImageRecord } from "../image/spec.ts";
import type { Database, Row } from "./database.ts";

/** An image and its names as stored ("busybox:latest", "app@sha256:..."). */
export interface TaggedImage {
  readonly image: ImageRecord;
  readonly names: readonly string[];
  /** Id of the image it was made from here; absent when it came from elsewhere. */
  readonly parent?: string;
}

/** Stores an image; the same id again changes nothing, but one that was removed while a container used it is there again. */
export function putImage(store: Database, image: ImageRecord, parent = ""): void {
  store.run(
    `INSERT INTO image (id, created_ms, record, parent, size_bytes) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET removed = 0, parent = CASE excluded.parent WHEN '' THEN parent ELSE excluded.parent END`,
    image.id,
    image.createdMs,
    JSON.stringify(image),
    parent,
    image.sizeBytes,
  );
}

/** Gives an image a name, taking it from another image if need be. Returns the name as stored. */
export function tagImage(store: Database, imageId: string, reference: Reference, nowMs = Date.now()): string {
  const name = renderReference(reference);
  store.run("INSERT INTO tag (name, image) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET image = excluded.image", name, imageId);
  store.run("UPDATE image SET tagged_ms = ? WHERE id = ?", nowMs, imageId);
  return name;
}

/** Takes a name away; false if there was none. */
export function untagImage(store: Database, name: string): boolean {
  return store.run("DELETE FROM tag WHERE name = ?", name) > 0;
}

/** Removes an image's row and names. Its layers and blobs stay for the collector. */
export function removeImageRow(store: Database, imageId: string): void {
  store.run("DELETE FROM tag WHERE image = ?", imageId);
  store.run("DELETE FROM image WHERE id = ?", imageId);
}

/** Takes an image out of every list and search; only its containers still find it (`getImage`), until the last of them is gone. */
export function hideImage(store: Database, imageId: string): void {
  store.run("DELETE FROM tag WHERE image = ?", imageId);
  store.run("UPDATE image SET removed = 1 WHERE id = ?", imageId);
}

/** Removes the rows of hidden images that no container needs any more; their ids. To be called in a transaction. */
export function dropHiddenImages(store: Database): string[] {
  const rows = store.all(
    "DELETE FROM image WHERE removed = 1 AND NOT EXISTS (SELECT 1 FROM container WHERE spec ->> '$.imageId' = image.id) RETURNING id",
  );
  return rows.map((row) => String(row.id));
}

/** Whether an image was removed while a container used it. */
export function isHiddenImage(store: Database, imageId: string): boolean {
  return store.get("SELECT 1 AS found FROM image WHERE id = ? AND removed = 1", imageId) !== undefined;
}

/** Ids of images that were removed while containers used them. */
export function hiddenImages(store: Database): string[] {
  return store.all("SELECT id FROM image WHERE removed = 1").map((row) => String(row.id));
}

/** By its full id, for a container made of it: also one that has been removed since. */
export function tryGetImage(store: Database, imageId: string): ImageRecord | undefined {
  if (imageId === hostImage.id) return hostImage;
  const row = store.get("SELECT record FROM image WHERE id = ?", imageId);
  return row && parseRow(row);
}

/** As `tryGetImage`. Throws not-found `no-such-image`. */
export function getImage(store: Database, imageId: string): ImageRecord {
  const image = tryGetImage(store, imageId);
  if (!image) throw noSuchImage(imageId);
  return image;
}

/** What this data root alone knows of an image. */
export function originOf(store: Database, imageId: string): { readonly parent: string; readonly taggedMs: number } {
  const row = store.get("SELECT parent, tagged_ms FROM image WHERE id = ?", imageId);
  return { parent: String(row?.parent ?? ""), taggedMs: Number(row?.tagged_ms ?? 0) };
}

/** Ids of images made from this one here. */
export function childrenOf(store: Database, imageId: string): string[] {
  return store.all("SELECT id FROM image WHERE parent = ? AND removed = 0 ORDER BY id", imageId).map((row) => String(row.id));
}

/**
 * The image a user means: a name (tag defaults to latest), an id or the start of one, or the built-in `host`.
 * A name wins over the start of an id, as docker has it. Throws invalid `bad-reference`, not-found `no-such-image`,
 * conflict `ambiguous-image`.
 */
export function findImage(store: Database, text: string): ImageRecord {
  const image = tryFindImage(store, text);
  if (image) return image;
  const name = parseIdPrefix(text) === undefined ? renderReference(parseReference(text)) : text;
  throw noSuchImage(name);
}

/** As `findImage`, undefined when there is none; an ambiguous id still throws. */
export function tryFindImage(store: Database, text: string): ImageRecord | undefined {
  const isId = /^sha256:[0-9a-f]{64}$/.test(text);
  const reference = isId ? undefined : tryParseReference(text);
  if (reference) {
    const name = renderReference(reference);
    const row = store.get("SELECT tag.image, record FROM tag LEFT JOIN image ON image.id = tag.image WHERE tag.name = ?", name);
    if (row) return row.record === null ? hostImage : parseRow(row);
    if (name === hostImageName) return hostImage;
  }
  const prefix = parseIdPrefix(text);
  return prefix === undefined ? undefined : findByPrefix(store, `sha256:${prefix}`, text);
}

function findByPrefix(store: Database, prefix: string, text: string): ImageRecord | undefined {
  // "g" sorts after every hexadecimal digit, so the range is an index search
  const rows = store.all("SELECT record FROM image WHERE id >= ? AND id < ? AND +removed = 0 ORDER BY id LIMIT 4", prefix, `${prefix}g`);
  const images = rows.map(parseRow);
  if (hostImage.id.startsWith(prefix)) images.push(hostImage);
  if (images.length > 1) throw ambiguousImage(text, images);
  return images[0];
}

/** All images, newest first, each with its names; the built-in host image is the last. */
export function listImages(store: Database): TaggedImage[] {
  const records = new Map(store.all("SELECT id, record FROM image WHERE removed = 0").map((row) => [String(row.id), parseRow(row)]));
  return listImageHeads(store).flatMap(({ id, names, parent }) => {
    const image = id === hostImage.id ? hostImage : records.get(id);
    return image ? [{ image, names, ...(parent === "" ? {} : { parent }) }] : [];
  });
}

/** What a list shows of an image. */
export interface ImageHead {
  readonly id: string;
  readonly createdMs: number;
  readonly sizeBytes: number;
  /** "" when it came from elsewhere. */
  readonly parent: string;
  readonly names: readonly string[];
}

/** As `listImages`, without reading any record. */
export function listImageHeads(store: Database): ImageHead[] {
  const names = new Map<string, string[]>();
  let hostTaken = false;
  for (const row of store.all("SELECT name, image FROM tag ORDER BY name")) {
    const [name, id] = [row.name as string, row.image as string];
    if (name === hostImageName) hostTaken = true;
    const known = names.get(id);
    if (known) known.push(name);
    else names.set(id, [name]);
  }
  const rows = store.all("SELECT id, created_ms, size_bytes, parent FROM image WHERE removed = 0 ORDER BY created_ms DESC, id");
  const heads = rows.map((row): ImageHead => {
    const id = row.id as string;
    const { created_ms: createdMs, size_bytes: sizeBytes, parent } = row;
    return { id, createdMs: Number(createdMs), sizeBytes: Number(sizeBytes), parent: parent as string, names: names.get(id) ?? [] };
  });
  const { id, createdMs, sizeBytes } = hostImage;
  const hostNames = [...(names.get(id) ?? []), ...(hostTaken ? [] : [hostImageName])];
  return [...heads, { id, createdMs, sizeBytes, parent: "", names: hostNames }];
}

/** Names of one image, sorted. */
export function namesOf(store: Database, imageId: string): string[] {
  const names = store.all("SELECT name FROM tag WHERE image = ? ORDER BY name", imageId).map((row) => String(row.name));
  if (imageId !== hostImage.id || store.get("SELECT 1 FROM tag WHERE name = ?", hostImageName)) return names;
  return [...names, hostImageName];
}

/** Containers made of an image, by name. */
export function containersOf(store: Database, imageId: string): { readonly id: string; readonly name: string }[] {
  const rows = store.all("SELECT id, name FROM container WHERE spec ->> '$.imageId' = ? ORDER BY name", imageId);
  return rows.map((row) => ({ id: String(row.id), name: String(row.name) }));
}

function parseRow(row: Row): ImageRecord {
  return JSON.parse(String(row.record)) as ImageRecord;
}

/** The error for a name or id that no image has. */
export function noSuchImage(name: string): TsnsError {
  return new TsnsError("not-found", "no-such-image", `No such image: ${name}`, {
    hint: "get one with `tsns pull NAME`, make one with `tsns image bootstrap NAME`, `tsns import FILE NAME` or `tsns load -i FILE`, or use `host`",
  });
}

function ambiguousImage(text: string, images: readonly ImageRecord[]): TsnsError {
  const candidates = images.map((image) => image.id.slice("sha256:".length, "sha256:".length + 12)).join(", ");
  return new TsnsError("conflict", "ambiguous-image", `image id ${text} is ambiguous: ${candidates}`, {
    hint: "give more digits of the id",
  });
}
