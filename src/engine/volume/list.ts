// Use cases that look at volumes: all of them, one of them, who uses which.
import { isObject } from "../../base/json.ts";
import { measureSize } from "../../kernel/tree/size.ts";
import { getVolume, listVolumeRecords, listVolumeUsers, noSuchVolume } from "../../store/volume-record.ts";
import { localDriver, type VolumeRecord } from "../../volume/spec.ts";
import { volumeView } from "../../volume/view.ts";
import type { Engine } from "../engine.ts";
import { listStored } from "../look.ts";
import { volumeDirectory } from "./directory.ts";

export interface VolumeEntry {
  readonly record: VolumeRecord;
  readonly mountpoint: string;
  /** Containers that mount it. */
  readonly links: number;
}

/** By name. */
export function listVolumes(engine: Engine): VolumeEntry[] {
  return listStored(engine, (store) => {
    const counts = new Map<string, number>();
    for (const { volume } of listVolumeUsers(store)) counts.set(volume, (counts.get(volume) ?? 0) + 1);
    return listVolumeRecords(store).map((record) => ({
      record,
      mountpoint: mountpointOf(engine, record),
      links: counts.get(record.name) ?? 0,
    }));
  }).slice();
}

/** Where its files are on this machine. */
export function mountpointOf(engine: Engine, { name }: VolumeRecord): string {
  return volumeDirectory(engine.root, name).data;
}

/** Throws not-found. */
export function findVolume(engine: Engine, name: string): VolumeRecord {
  const record = getVolume(engine.store, name);
  if (!record) throw noSuchVolume(name);
  return record;
}

/** docker's document. Throws not-found. */
export async function inspectVolume(engine: Engine, name: string): Promise<Record<string, unknown>> {
  const record = findVolume(engine, name);
  if (record.driver !== localDriver) {
    const { getForeign, requireDriver } = await import("../../kernel/volume/plugin.ts");
    const found = await getForeign(record.driver, requireDriver(record.driver, `get ${name}`), name);
    const mountpoint = typeof found?.Mountpoint === "string" ? found.Mountpoint : "";
    return volumeView(record, mountpoint, isObject(found?.Status) ? found.Status : undefined);
  }
  return volumeView(record, mountpointOf(engine, record));
}

/** Bytes of its files, docker's size of a volume. */
export function volumeBytes(engine: Engine, name: string): number {
  return measureSize(volumeDirectory(engine.root, name).data).fileBytes;
}
