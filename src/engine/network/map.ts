// Gathers what the map of networks shows: networks and running containers of the store, links and routes of the kernel, bridges of others.
import { hostname } from "node:os";
import { TsnsError } from "../../base/error.ts";
import { readRouteTable } from "../../kernel/network/link-table.ts";
import { openOutputFile } from "../../kernel/tree/output-file.ts";
import { buildMap, type MapContainer, type NetworkMap } from "../../network/map/map.ts";
import { onlyNetwork } from "../../network/reference.ts";
import type { NetworkSpec } from "../../network/spec.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { listNetworks } from "../../store/network-record.ts";
import { observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";
import { listStored } from "../look.ts";
import { showBridges } from "./show.ts";

export interface MapRequest {
  /** Names of networks, or starts of their ids; none: all. */
  readonly networks: readonly string[];
  /** Bridges that are not tsns's as well. */
  readonly foreign: boolean;
}

/** Throws TsnsError not-found `no-such-network`, conflict `ambiguous-network`. */
export async function readNetworkMap(engine: Engine, { networks, foreign }: MapRequest): Promise<NetworkMap> {
  const specs = chooseNetworks(engine, networks);
  const bridges = foreign ? (await showBridges(engine)).bridges : [];
  const own = new Set(specs.map(({ bridge }) => bridge));
  const map = buildMap({
    host: hostname(),
    ...readRouteTable(),
    networks: specs,
    containers: readRunning(engine),
    foreign: bridges.filter(({ name }) => !own.has(name)),
  });
  // Who asks for one network is not told of containers that are on none.
  return networks.length === 0 ? map : { ...map, onHost: [], offline: [] };
}

function chooseNetworks(engine: Engine, wanted: readonly string[]): readonly NetworkSpec[] {
  const records = listStored(engine, listNetworks).filter(({ pending }) => !pending);
  if (wanted.length === 0) return records.flatMap(({ spec }) => (spec.configOnly ? [] : [spec]));
  const chosen = wanted.map((reference) => {
    const named = records.find(({ spec }) => spec.name === reference);
    const matches = /^[0-9a-f]+$/.test(reference) ? records.filter(({ id }) => id.startsWith(reference)) : [];
    const found = named ?? onlyNetwork(reference, matches, ({ spec }) => spec.name);
    if (!found)
      throw new TsnsError("not-found", "no-such-network", `network ${reference} not found`, { hint: "tsns network ls lists them" });
    return found.spec;
  });
  return [...new Set(chosen)];
}

function readRunning(engine: Engine): readonly MapContainer[] {
  return listStored(engine, (store) => listContainerRecords(store).map((record) => observeContainer(engine, record)))
    .filter(({ status }) => status === "running")
    .map(({ record: { id, name, spec, run } }) => ({ id, name, mode: spec.network, endpoints: run?.endpoints ?? [] }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Puts a picture into a file, whole or not at all. Throws KernelError naming the file. */
export function writePicture(path: string, picture: string): void {
  using file = openOutputFile(path, 0o644);
  file.write(new TextEncoder().encode(picture));
  file.commit();
}
