// Container rows: what was asked for and how the last run began and ended. Liveness is not stored here.
import { TsnsError } from "../base/error.ts";
import type { ContainerRecord, ExitRecord, RunRecord } from "../container/record.ts";
import type { ContainerSpec } from "../container/spec.ts";
import type { Database, Row } from "./database.ts";

interface StoredState {
  readonly run?: RunRecord;
  readonly exit?: ExitRecord;
}

function fromRow(row: Row): ContainerRecord {
  const state = JSON.parse(String(row.state)) as StoredState;
  return {
    id: String(row.id),
    name: String(row.name),
    createdMs: Number(row.created_ms),
    spec: JSON.parse(String(row.spec)) as ContainerSpec,
    ...state,
  };
}

/** Adds a container. Throws conflict when the name is taken (inside a transaction). */
export function insertContainer(store: Database, record: ContainerRecord): void {
  requireFreeName(store, record.name);
  store.run(
    "INSERT INTO container (id, name, created_ms, spec, state) VALUES (?, ?, ?, ?, ?)",
    record.id,
    record.name,
    record.createdMs,
    JSON.stringify(record.spec),
    stateText(record),
  );
}

/** Throws conflict when a container has that name. */
export function requireFreeName(store: Database, name: string): void {
  const holder = store.get("SELECT id FROM container WHERE name = ?", name);
  if (holder) throw nameTaken(name, String(holder.id));
}

/** Throws conflict when the name is taken (inside a transaction). */
export function renameContainerRow(store: Database, id: string, name: string): void {
  requireFreeName(store, name);
  store.run("UPDATE container SET name = ? WHERE id = ?", name, id);
}

/** Other settings than it was made with (docker update). */
export function updateContainerSpec(store: Database, id: string, spec: ContainerSpec): void {
  store.run("UPDATE container SET spec = ? WHERE id = ?", JSON.stringify(spec), id);
}

export function nameTaken(name: string, holderId: string): TsnsError {
  return new TsnsError("conflict", "name-taken", `the container name "/${name}" is already in use by container "${holderId}"`, {
    hint: `remove it with tsns rm ${name}, or choose another --name`,
  });
}

function stateText(state: StoredState): string {
  return JSON.stringify({ run: state.run, exit: state.exit });
}

export function updateContainerState(store: Database, id: string, state: StoredState): void {
  store.run("UPDATE container SET state = ? WHERE id = ?", stateText(state), id);
}

/** With what is kept of its ends. */
export function deleteContainer(store: Database, id: string): boolean {
  store.run("DELETE FROM death WHERE container = ?", id);
  return store.run("DELETE FROM container WHERE id = ?", id) > 0;
}

/** All containers, newest first. */
export function listContainerRecords(store: Database): ContainerRecord[] {
  return store.all("SELECT * FROM container ORDER BY created_ms DESC, id").map(fromRow);
}

export function getContainer(store: Database, id: string): ContainerRecord | undefined {
  const row = store.get("SELECT * FROM container WHERE id = ?", id);
  return row && fromRow(row);
}

export function noSuchContainer(reference: string): TsnsError {
  return new TsnsError("not-found", "no-such-container", `No such container: ${reference}`, { hint: "tsns ps -a lists them" });
}

/** By full id, name, or unique id prefix, in docker's order. Throws not-found, or conflict for an ambiguous prefix. */
export function findContainer(store: Database, reference: string): ContainerRecord {
  const name = reference.replace(/^\//, "");
  const exact = store.get("SELECT * FROM container WHERE id = ? UNION ALL SELECT * FROM container WHERE name = ? LIMIT 1", name, name);
  if (exact) return fromRow(exact);
  const matches = /^[0-9a-f]{1,64}$/.test(name) ? store.all("SELECT * FROM container WHERE id >= ? AND id < ?", name, `${name}g`) : [];
  const [first] = matches;
  if (!first) throw noSuchContainer(reference);
  if (matches.length > 1) {
    const ids = matches.map((row) => String(row.id).slice(0, 12)).join(", ");
    throw new TsnsError("conflict", "ambiguous-id", `multiple containers match the id prefix "${reference}": ${ids}`, {
      hint: "give more digits",
    });
  }
  return fromRow(first);
}
