// The journal: per owner (a container id, `network:NAME`) the steps that undo what cannot die by itself.
// Written before the steps are made, deleted after they are undone; every undo step may be repeated.
import type { Step } from "../plan/step.ts";
import type { Database } from "./database.ts";

export function writeJournal(store: Database, owner: string, undo: readonly Step[]): void {
  store.run("INSERT OR REPLACE INTO journal (owner, undo) VALUES (?, ?)", owner, JSON.stringify(undo));
}

/** The undo steps of an owner, in the order to perform them; undefined when there are none. */
export function readJournal(store: Database, owner: string): readonly Step[] | undefined {
  const row = store.get("SELECT undo FROM journal WHERE owner = ?", owner);
  return row && (JSON.parse(String(row.undo)) as Step[]);
}

export function deleteJournal(store: Database, owner: string): void {
  store.run("DELETE FROM journal WHERE owner = ?", owner);
}

export function listJournalOwners(store: Database): string[] {
  return store.all("SELECT owner FROM journal").map((row) => String(row.owner));
}
