// Use case: what images, containers and volumes take on disk, as docker counts it.
import type { ContainerState } from "../../container/record.ts";
import { hostImage } from "../../image/host.ts";
import { splitReferenceKey } from "../../image/reference.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { listImages } from "../../store/image-record.ts";
import { listLayerSizes } from "../../store/reachable.ts";
import { observeContainer } from "../container/observe.ts";
import { writableBytes } from "../container/size.ts";
import type { Engine } from "../engine.ts";
import { listVolumes, type VolumeEntry, volumeBytes } from "../volume/list.ts";

export interface ImageUsage {
  readonly id: string;
  /** The first name; "<none>" where there is none. */
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  readonly createdMs: number;
  readonly sizeBytes: number;
  /** Of layers that another image has as well. */
  readonly sharedBytes: number;
  readonly containers: number;
}

export interface ContainerUsage {
  readonly state: ContainerState;
  readonly sizeBytes: number;
}

export interface VolumeUsage extends VolumeEntry {
  readonly sizeBytes: number;
}

export interface DiskUsage {
  readonly images: readonly ImageUsage[];
  /** All unpacked layers, each once. */
  readonly layersBytes: number;
  readonly containers: readonly ContainerUsage[];
  readonly volumes: readonly VolumeUsage[];
}

export function readDiskUsage(engine: Engine): DiskUsage {
  const records = listContainerRecords(engine.store);
  const sizes = listLayerSizes(engine.store);
  return {
    images: readImages(engine, sizes, (id) => records.filter(({ spec }) => spec.imageId === id).length),
    layersBytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    containers: records.map((record) => ({ state: observeContainer(engine, record), sizeBytes: writableBytes(engine, record.id) })),
    volumes: listVolumes(engine).map((entry) => ({ ...entry, sizeBytes: volumeBytes(engine, entry.record.name) })),
  };
}

function readImages(engine: Engine, sizes: ReadonlyMap<string, number>, containersOf: (id: string) => number): ImageUsage[] {
  const all = listImages(engine.store).filter(({ image }) => image.id !== hostImage.id);
  const parents = new Set(all.map(({ parent }) => parent));
  const listed = all.filter(({ image, names }) => names.length > 0 || !parents.has(image.id));
  const counts = new Map<string, number>();
  for (const { image } of listed) for (const diffId of new Set(image.diffIds)) counts.set(diffId, (counts.get(diffId) ?? 0) + 1);
  return listed.map(({ image, names }) => {
    const shared = image.diffIds.filter((diffId) => (counts.get(diffId) ?? 0) > 1);
    const parts = names.map(splitReferenceKey);
    const name = parts.find(({ tag }) => tag !== "") ?? parts[0];
    return {
      id: image.id,
      repository: name?.repository ?? "<none>",
      tag: name?.tag || "<none>",
      digest: parts.find(({ digest, repository }) => digest !== "" && repository === name?.repository)?.digest ?? "",
      createdMs: image.createdMs,
      sizeBytes: image.sizeBytes,
      sharedBytes: shared.reduce((sum, diffId) => sum + (sizes.get(diffId) ?? 0), 0),
      containers: containersOf(image.id),
    };
  });
}
