// Use case: images with what each takes on disk, for docker's `images --tree`: one entry for an image with all of its names.
import { renderPlatform } from "../../image/platform.ts";
import { layerBlobsOf, manifestsOf } from "../../store/image-content.ts";
import { containersOf, getImage } from "../../store/image-record.ts";
import type { Engine } from "../engine.ts";
import { type ListOptions, listImageRows } from "./list.ts";
import { platformOf } from "./platform.ts";

export interface ImageInTree {
  readonly id: string;
  /** "REPOSITORY:TAG"; empty for one without a name. */
  readonly names: readonly string[];
  /** The one platform of it that is here. */
  readonly platform: string;
  /** Digest of its manifest, its id where none is kept. */
  readonly manifest: string;
  /** Of its layers as they came, compressed. */
  readonly contentBytes: number;
  /** With the unpacked layers. */
  readonly diskBytes: number;
  readonly isUsed: boolean;
}

/** Newest first. Throws as `listImageRows`. */
export function listImageTree(engine: Engine, options: ListOptions): readonly ImageInTree[] {
  const { store } = engine;
  const names = new Map<string, string[]>();
  for (const { image, repository, tag } of listImageRows(engine, options)) {
    const known = names.get(image.id) ?? [];
    names.set(image.id, repository === "<none>" || tag === "<none>" ? known : [...known, `${repository}:${tag}`]);
  }
  return [...names].map(([id, itsNames]): ImageInTree => {
    const image = getImage(store, id);
    const blobs = new Map([...new Set(image.diffIds)].flatMap((diffId) => layerBlobsOf(store, diffId)).map((blob) => [blob.digest, blob]));
    const contentBytes = [...blobs.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return {
      id,
      names: itsNames,
      platform: renderPlatform(platformOf(image)),
      manifest: manifestsOf(store, id)[0]?.digest ?? id,
      contentBytes,
      diskBytes: image.sizeBytes + contentBytes,
      isUsed: containersOf(store, id).length > 0,
    };
  });
}
