// Undo steps and leases in the store whose container or network has no record any more.
import { labelOf } from "../../network/rule/own.ts";
import { deleteJournal, readJournal } from "../../store/journal.ts";
import { listNameLeases, releaseAddresses, releaseLeases } from "../../store/lease.ts";
import { withLock } from "../lock.ts";
import { containerOfChange } from "../network/owner.ts";
import { readOwnRecords } from "../network/rules-record.ts";
import { performUndo } from "../undo.ts";
import { isInUse } from "../volume/release.ts";
import type { Finder, Finding } from "./finding.ts";

const containerId = /^[0-9a-f]{64}$/;
const volumePrefix = "volume:";
const networkPrefix = "network:";

export const findJournals: Finder = ({ engine, journalOwners, known, networks, isBusy }) =>
  journalOwners
    .filter((owner) => !isBusy(owner))
    .filter((owner) =>
      owner.startsWith(volumePrefix)
        ? !isInUse(engine, owner.slice(volumePrefix.length))
        : owner.startsWith(networkPrefix)
          ? !networks.some(({ spec }) => spec.name === owner.slice(networkPrefix.length))
          : containerId.test(owner) && !known.has(owner),
    )
    .map((owner) => {
      const repair = readJournal(engine.store, owner) ?? [];
      return {
        kind: "journal",
        object: owner,
        proof: owner.startsWith(volumePrefix) ? "it is mounted, and no container uses it" : "what it would undo has no record any more",
        bytes: 0,
        owner: "tsns",
        repair,
        fix: async () => {
          await performUndo(engine, repair);
          deleteJournal(engine.store, owner);
        },
      };
    });

/** A network connect or disconnect that was cut off: the container is on the network by half. */
export const findConnections: Finder = ({ engine, journalOwners, isBusy }) =>
  journalOwners.flatMap((owner): Finding[] => {
    const id = containerOfChange(owner);
    if (id === undefined || isBusy(id)) return [];
    return [
      {
        kind: "connection",
        object: `container ${id.slice(0, 12)}`,
        proof: "the command that connected it to a network, or disconnected it, was killed",
        bytes: 0,
        owner: "tsns",
        repair: readJournal(engine.store, owner) ?? [],
        fix: async () => {
          const { settlePlaces } = await import("../network/leave.ts");
          await withLock(engine, id, "doctor", () => settlePlaces(engine, id));
        },
      },
    ];
  });

/** A lease belongs to a run, or to a port that `net forward` forwards: without one that lives, or that is still to be undone, nobody uses it. */
export const findLeases: Finder = (scene) => {
  const { engine, containers } = scene;
  if (containers.length === 0 && scene.networks.length === 0) return [];
  const forwards = readOwnRecords(engine).map(labelOf);
  const alive = new Set([...scene.running, ...scene.journalOwners, ...forwards]);
  const rows = engine.store.all(
    "SELECT container, address || ' of network ' || network AS what FROM address_lease UNION ALL SELECT container, 'port ' || host_port || '/' || protocol FROM port_lease",
  );
  return rows
    .map((row) => ({ id: String(row.container), what: String(row.what) }))
    .filter(({ id }) => !alive.has(id) && !scene.isBusy(id))
    .map(
      ({ id, what }): Finding => ({
        kind: "lease",
        object: what,
        proof: `${containerId.test(id) ? `container ${id.slice(0, 12)}` : id.replace(":", " ")} ${scene.known.has(id) ? "does not run" : "has no record"}`,
        bytes: 0,
        owner: "tsns",
        repair: [],
        command: ": # the store forgets the lease",
        fix: () => releaseLeases(engine.store, id),
      }),
    );
};

/** Addresses of containers that run, but not on that network. */
export const findPlaceLeases: Finder = ({ engine, hasStore, containers, isBusy }) => {
  if (!hasStore) return [];
  const leases = listNameLeases(engine.store);
  return containers
    .filter(({ status, record }) => status === "running" && !isBusy(record.id))
    .flatMap(({ record: { id, name, run } }) =>
      leases
        .filter((lease) => lease.container === id && !run?.endpoints.some(({ network }) => network === lease.network))
        .map(
          ({ network, address }): Finding => ({
            kind: "lease",
            object: `${address} of network ${network}`,
            proof: `container ${name} runs, but is not on it`,
            bytes: 0,
            owner: "tsns",
            repair: [],
            command: ": # the store forgets the lease",
            fix: () => releaseAddresses(engine.store, network, id),
          }),
        ),
    );
};
