// The networks of this data root, alone and beside those of other engines, for commands that only look.
import { readForeignNetworks } from "../../kernel/network/bridge-name.ts";
import type { NetworkOfBridge } from "../../network/bridge-owner.ts";
import type { NetworkSpec } from "../../network/spec.ts";
import { listNetworks } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { listStored } from "../look.ts";

export function readOwnNetworks(engine: Engine): readonly NetworkSpec[] {
  return listStored(engine, (store) => listNetworks(store).map(({ spec }) => spec));
}

/** Ours first. */
export function readNetworksOfBridges(engine: Engine): readonly NetworkOfBridge[] {
  const own = readOwnNetworks(engine).map(({ bridge, name }) => ({ engine: "tsns" as const, bridge, network: name }));
  return [...own, ...readForeignNetworks()];
}
