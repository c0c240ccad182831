// The names of all networks, as rows: what `tsns dns ls` shows. Addresses and names are those of the leases.

import { TsnsError } from "../../base/error.ts";
import { defaultNetwork } from "../../network/name.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { listNameLeases } from "../../store/lease.ts";
import { findNetwork } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";

export interface NameRow {
  readonly network: string;
  readonly containerId: string;
  /** Its own name; the short id of one that is gone. */
  readonly container: string;
  /** Without the network; each is also known with `.NETWORK` behind it. */
  readonly names: readonly string[];
  readonly addresses: readonly string[];
}

/** By network and container; of all networks, or of those that are named. Throws as `requireNamed`. */
export function listNames(engine: Engine, references: readonly string[]): readonly NameRow[] {
  const networks = references.map((reference) => requireNamed(engine, reference));
  const containers = new Map(listContainerRecords(engine.store).map(({ id, name }) => [id, name]));
  const rows = new Map<string, NameRow>();
  for (const { network, address, container: id, names } of listNameLeases(engine.store)) {
    if (network === defaultNetwork || (networks.length > 0 && !networks.includes(network))) continue;
    const key = `${network}\n${id}`;
    const row = rows.get(key) ?? { network, containerId: id, container: containers.get(id) ?? id.slice(0, 12), names: [], addresses: [] };
    rows.set(key, { ...row, names: [...new Set([...row.names, ...names])], addresses: [...row.addresses, address] });
  }
  const order = ({ network, container }: NameRow) => `${network}\n${container}`;
  return [...rows.values()].sort((one, other) => (order(one) < order(other) ? -1 : 1));
}

/** The name of a network that has names, by its own, its id or the start of one. Throws not-found, conflict for the default network or several. */
function requireNamed(engine: Engine, reference: string): string {
  const name = reference === defaultNetwork ? reference : findNetwork(engine.store, reference)?.spec.name;
  if (name === undefined)
    throw new TsnsError("not-found", "no-such-network", `network ${reference} not found`, { hint: "tsns network ls lists them" });
  if (name !== defaultNetwork) return name;
  throw new TsnsError("conflict", "no-names", `network ${name} has no names: its containers know each other by --link`, {
    hint: "make a network of your own with tsns network create",
  });
}
