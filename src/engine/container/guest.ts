// Containers in the network of another one (--network container:NAME): who they are. Knows nothing of what they need.
import type { ContainerRecord } from "../../container/record.ts";
import { getContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";

/** Those in the network of this one, and those in theirs; running or not. Each has network files of its own, made after its host's. */
export function guestsOf(engine: Engine, host: Pick<ContainerRecord, "id" | "name">): readonly ContainerRecord[] {
  const found = new Map<string, ContainerRecord>();
  const look = ({ id, name }: Pick<ContainerRecord, "id" | "name">): void => {
    const rows = engine.store.all(
      "SELECT id FROM container WHERE spec ->> '$.network.container' = ? OR instr(?, spec ->> '$.network.container') = 1",
      name,
      id,
    );
    for (const row of rows) {
      const guest = found.has(String(row.id)) ? undefined : getContainer(engine.store, String(row.id));
      if (!guest || guest.id === host.id) continue;
      found.set(guest.id, guest);
      look(guest);
    }
  };
  look(host);
  return [...found.values()];
}
