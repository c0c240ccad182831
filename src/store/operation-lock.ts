// One tsns command at a time acts on a container or network: a row that names the command and its process.
// A row whose process is gone is free.
import { TsnsError } from "../base/error.ts";
import type { Database } from "./database.ts";

export interface Holder {
  readonly name: string;
  readonly pid: number;
  readonly startTime: number;
}

export function readHolder(store: Database, owner: string): Holder | undefined {
  const row = store.get("SELECT name, pid, start_time FROM operation WHERE owner = ?", owner);
  return row && { name: String(row.name), pid: Number(row.pid), startTime: Number(row.start_time) };
}

/** Takes the lock without asking; call inside a transaction after looking at `readHolder`. */
export function writeHolder(store: Database, owner: string, holder: Holder): void {
  store.run(
    "INSERT OR REPLACE INTO operation (owner, name, pid, start_time) VALUES (?, ?, ?, ?)",
    owner,
    holder.name,
    holder.pid,
    holder.startTime,
  );
}

/** Gives the lock back if this process still has it. */
export function releaseHolder(store: Database, owner: string, pid: number): void {
  store.run("DELETE FROM operation WHERE owner = ? AND pid = ?", owner, pid);
}

export function lockedError(what: string, holder: Holder): TsnsError {
  return new TsnsError("conflict", "operation-in-progress", `${what}: another tsns (pid ${holder.pid}) is at "${holder.name}" of it`, {
    hint: "try again when it has ended",
  });
}
