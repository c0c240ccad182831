// Network rows: the specification and the boot in which it was last set up in the kernel.
import { onlyNetwork } from "../network/reference.ts";
import type { NetworkSpec } from "../network/spec.ts";
import type { Database, Row } from "./database.ts";

export interface NetworkRecord {
  readonly id: string;
  readonly createdMs: number;
  readonly spec: NetworkSpec;
  /** boot_id (proc_sys_kernel(5)) of the boot in which bridge and rules were made; empty: not yet. */
  readonly appliedBoot: string;
  /** A command is making or removing it; when that command is gone, its work is to be undone or finished. */
  readonly pending?: "create" | "remove";
}

function fromRow(row: Row): NetworkRecord {
  const kept = JSON.parse(String(row.spec)) as Pick<NetworkRecord, "spec" | "appliedBoot" | "pending">;
  return { id: String(row.id), createdMs: Number(row.created_ms), ...kept };
}

export function getNetwork(store: Database, name: string): NetworkRecord | undefined {
  const row = store.get("SELECT * FROM network WHERE name = ?", name);
  return row && fromRow(row);
}

/** Those that a name, an id or the start of ids means; a name means one alone. */
export function matchNetworks(store: Database, reference: string): readonly NetworkRecord[] {
  const named = getNetwork(store, reference);
  if (named || !/^[0-9a-f]+$/.test(reference)) return named ? [named] : [];
  return store.all("SELECT * FROM network WHERE substr(id, 1, ?) = ? ORDER BY name", reference.length, reference).map(fromRow);
}

/** By name, id, or the start of exactly one id. Throws conflict `ambiguous-network`. */
export function findNetwork(store: Database, reference: string): NetworkRecord | undefined {
  return onlyNetwork(reference, matchNetworks(store, reference), ({ spec }) => spec.name);
}

export function listNetworks(store: Database): NetworkRecord[] {
  return store.all("SELECT * FROM network ORDER BY name").map(fromRow);
}

export function putNetwork(store: Database, record: NetworkRecord): void {
  store.run(
    "INSERT OR REPLACE INTO network (name, id, created_ms, spec) VALUES (?, ?, ?, ?)",
    record.spec.name,
    record.id,
    record.createdMs,
    JSON.stringify({ spec: record.spec, appliedBoot: record.appliedBoot, pending: record.pending }),
  );
}

export function deleteNetwork(store: Database, name: string): void {
  store.run("DELETE FROM network WHERE name = ?", name);
}
