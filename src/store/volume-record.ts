// Volume rows, and which containers use a volume: those whose Spec mounts it, running or not.
import { TsnsError } from "../base/error.ts";
import type { VolumeRecord } from "../volume/spec.ts";
import type { Database, Row } from "./database.ts";

function fromRow(row: Row): VolumeRecord {
  const kept = JSON.parse(String(row.record)) as Pick<VolumeRecord, "driver" | "labels" | "options">;
  return { name: String(row.name), createdMs: Number(row.created_ms), ...kept };
}

export function getVolume(store: Database, name: string): VolumeRecord | undefined {
  const row = store.get("SELECT * FROM volume WHERE name = ?", name);
  return row && fromRow(row);
}

export function listVolumeRecords(store: Database): VolumeRecord[] {
  return store.all("SELECT * FROM volume ORDER BY name").map(fromRow);
}

/** False when there is one of that name. */
export function insertVolume(store: Database, { name, createdMs, ...record }: VolumeRecord): boolean {
  const { driver, labels, options } = record;
  const text = JSON.stringify({ driver, labels, options });
  return store.run("INSERT OR IGNORE INTO volume (name, created_ms, record) VALUES (?, ?, ?)", name, createdMs, text) > 0;
}

export function deleteVolume(store: Database, name: string): boolean {
  return store.run("DELETE FROM volume WHERE name = ?", name) > 0;
}

export interface VolumeUser {
  readonly id: string;
  readonly name: string;
  readonly volume: string;
}

const usersQuery = `
SELECT DISTINCT container.id AS id, container.name AS name, mount.value ->> '$.name' AS volume
FROM container, json_each(container.spec, '$.mounts') AS mount WHERE mount.value ->> '$.type' = 'volume'`;

const userOf = (row: Row): VolumeUser => ({ id: String(row.id), name: String(row.name), volume: String(row.volume) });

/** Containers that mount the volume. */
export function usersOfVolume(store: Database, name: string): VolumeUser[] {
  return store.all(`${usersQuery} AND mount.value ->> '$.name' = ?`, name).map(userOf);
}

/** All uses of all volumes. */
export function listVolumeUsers(store: Database): VolumeUser[] {
  return store.all(usersQuery).map(userOf);
}

export function noSuchVolume(name: string): TsnsError {
  return new TsnsError("not-found", "no-such-volume", `get ${name}: no such volume`, { hint: "tsns volume ls lists them" });
}
