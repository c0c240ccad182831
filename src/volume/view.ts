// docker's JSON document of a volume. Pure.
import { formatTimestamp } from "../base/time.ts";
import type { VolumeRecord } from "./spec.ts";

/** `mountpoint`: where its files are on this machine. `status`: what a plug-in says of it. */
export function volumeView(record: VolumeRecord, mountpoint: string, status?: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const orNull = (map: Readonly<Record<string, string>>) => (Object.keys(map).length > 0 ? map : null);
  return {
    CreatedAt: formatTimestamp(Math.floor(record.createdMs / 1000) * 1000),
    Driver: record.driver,
    Labels: orNull(record.labels),
    Mountpoint: mountpoint,
    Name: record.name,
    Options: orNull(record.options),
    Scope: "local",
    ...(status ? { Status: status } : {}),
  };
}
