// The networks a container can join: those of the store and the built-in ones.
import { defaultNetwork } from "../../network/name.ts";
import { listNetworks as listRecords } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";

export interface NetworkEntry {
  /** Empty for what is built in and not yet made. */
  readonly id: string;
  readonly name: string;
  readonly driver: "bridge" | "host" | "null";
  readonly subnet: string;
}

export function listNetworks(engine: Engine): NetworkEntry[] {
  const entries: NetworkEntry[] = listRecords(engine.store).map(({ id, spec }) => ({
    id,
    name: spec.name,
    driver: "bridge",
    subnet: spec.subnet,
  }));
  if (!entries.some((entry) => entry.name === defaultNetwork)) entries.push({ id: "", name: defaultNetwork, driver: "bridge", subnet: "" });
  return [...entries, { id: "", name: "host", driver: "host", subnet: "" }, { id: "", name: "none", driver: "null", subnet: "" }];
}
