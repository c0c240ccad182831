// The networks a container can join, and the configuration networks: those of the store and the built-in ones, as rows.
import { TsnsError } from "../../base/error.ts";
import { builtInNetworkId, defaultNetwork } from "../../network/name.ts";
import { onlyNetwork } from "../../network/reference.ts";
import { type NetworkDriver, poolOf } from "../../network/spec.ts";
import { listNetworks as listRecords, type NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";

export interface NetworkEntry {
  readonly id: string;
  readonly name: string;
  /** "null": no network, also that of settings for others. */
  readonly driver: NetworkDriver | "host" | "null";
  readonly internal: boolean;
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** 0 for what is built in and not yet made. */
  readonly createdMs: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly isBuiltIn: boolean;
  /** Some container holds a place on it. */
  readonly isUsed: boolean;
  /** Absent for what is built in and not yet made. */
  readonly record?: NetworkRecord;
}

/** Names of networks that are there without having been made. */
export const builtInNetworks: readonly string[] = [defaultNetwork, "host", "none"];

function builtIn(engine: Engine, name: string, driver: NetworkEntry["driver"]): NetworkEntry {
  const id = builtInNetworkId(engine.root, name);
  // As docker says it of the bridge alone.
  const ipv4 = driver !== "host" && driver !== "null";
  return { id, name, driver, internal: false, ipv4, ipv6: false, createdMs: 0, labels: {}, isBuiltIn: true, isUsed: false };
}

function entryOf(record: NetworkRecord, used: ReadonlySet<string>): NetworkEntry {
  const { id, createdMs, spec } = record;
  const { name, internal = false, labels = {}, driver = "bridge", configOnly, families } = spec;
  return {
    id,
    name,
    driver: configOnly ? "null" : driver,
    internal,
    ipv4: families?.ipv4 ?? poolOf(spec, "ipv4") !== undefined,
    ipv6: families?.ipv6 ?? poolOf(spec, "ipv6") !== undefined,
    createdMs,
    labels,
    isBuiltIn: builtInNetworks.includes(name),
    isUsed: used.has(name),
    record,
  };
}

/** In docker's order: by name. What a killed command was making or removing is none. */
export function listNetworks(engine: Engine): NetworkEntry[] {
  const used = new Set(engine.store.all("SELECT DISTINCT network FROM address_lease").map((row) => String(row.network)));
  const entries = listRecords(engine.store)
    .filter(({ pending }) => !pending)
    .map((record) => entryOf(record, used));
  if (!entries.some((entry) => entry.name === defaultNetwork)) entries.push(builtIn(engine, defaultNetwork, "bridge"));
  return [...entries, builtIn(engine, "host", "host"), builtIn(engine, "none", "null")].sort((one, other) =>
    one.name < other.name ? -1 : 1,
  );
}

/** By name, id, or the start of exactly one id. Throws not-found, conflict `ambiguous-network`. */
export function requireNetworkEntry(engine: Engine, reference: string): NetworkEntry {
  const entries = listNetworks(engine);
  const found =
    entries.find(({ name, id }) => name === reference || id === reference) ??
    (/^[0-9a-f]+$/.test(reference)
      ? onlyNetwork(
          reference,
          entries.filter(({ id }) => id.startsWith(reference)),
          ({ name }) => name,
        )
      : undefined);
  if (found) return found;
  throw new TsnsError("not-found", "no-such-network", `network ${reference} not found`, { hint: "tsns network ls lists them" });
}
