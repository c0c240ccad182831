// Takes a network out of the kernel and out of the store.
import { TsnsError } from "../../base/error.ts";
import { undoOf } from "../../plan/plan.ts";
import { deleteJournal, readJournal } from "../../store/journal.ts";
import { deleteNetwork, getNetwork } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { performUndo } from "../undo.ts";
import { networkOwner, planOfNetwork } from "./ensure.ts";

/** Names of the containers that hold an address of the network. */
function usersOf(engine: Engine, name: string): string[] {
  return engine.store
    .all(
      "SELECT DISTINCT coalesce(container.name, address_lease.container) AS name FROM address_lease LEFT JOIN container ON container.id = address_lease.container WHERE network = ?",
      name,
    )
    .map((row) => String(row.name));
}

/** Removes bridge, rules and record. Throws not-found, or conflict naming the containers that use it. */
export async function removeNetwork(engine: Engine, name: string): Promise<void> {
  const record = getNetwork(engine.store, name);
  if (!record) throw new TsnsError("not-found", "no-such-network", `network ${name} not found`, { hint: "tsns network ls lists them" });
  const undo = undoOf(planOfNetwork(record.spec));
  if (engine.show({ steps: undo.map((step) => ({ step, because: `network ${name} is removed` })) })) return;
  await withLock(engine, networkOwner(name), "network rm", async () => {
    const users = usersOf(engine, name);
    if (users.length > 0) {
      throw new TsnsError("conflict", "network-in-use", `network ${name} is in use by ${users.join(", ")}`, {
        hint: "stop these containers first",
      });
    }
    await performUndo(engine, readJournal(engine.store, networkOwner(name)) ?? undo);
    engine.store.transaction(() => {
      deleteJournal(engine.store, networkOwner(name));
      deleteNetwork(engine.store, name);
    });
  });
}
