// How containers ended: the last ones of each, for `tsns why`. Rows go with the container.
import type { DeathRecord } from "../container/death.ts";
import type { Database } from "./database.ts";

/** As many are kept of each container. */
const deathsKept = 20;

/** Adds one, unless that run's end is known already or the container has gone. Inside a transaction. */
export function insertDeath(store: Database, container: string, death: DeathRecord): void {
  store.run(
    `INSERT INTO death (container, at_ms, record) SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM container WHERE id = ?1)
     AND NOT EXISTS (SELECT 1 FROM death WHERE container = ?1 AND at_ms = ?2)`,
    container,
    death.startedMs,
    JSON.stringify(death),
  );
  store.run(
    "DELETE FROM death WHERE container = ?1 AND at_ms < (SELECT at_ms FROM death WHERE container = ?1 ORDER BY at_ms DESC LIMIT 1 OFFSET ?2)",
    container,
    deathsKept - 1,
  );
}

/** Newest first. */
export function listDeaths(store: Database, container: string): readonly DeathRecord[] {
  return store
    .all("SELECT record FROM death WHERE container = ? ORDER BY at_ms DESC", container)
    .map((row) => JSON.parse(String(row.record)) as DeathRecord);
}
