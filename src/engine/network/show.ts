// Bridges of the host with whom they belong to, and who is behind their ports.
import { readBridgeNetwork } from "../../kernel/network/bridge.ts";
import { type NetworkOfBridge, ownerOfBridge } from "../../network/bridge-owner.ts";
import { type BridgeView, type CountedLink, viewBridges, withRates } from "../../network/view.ts";
import type { Engine } from "../engine.ts";
import { openOwners } from "../owner.ts";
import { readNetworksOfBridges } from "./own.ts";

/** The counters of one moment, to take rates from later. */
export interface CounterSample {
  readonly links: readonly CountedLink[];
  readonly atMs: number;
}

export interface Shown {
  readonly bridges: readonly BridgeView[];
  readonly sample: CounterSample;
}

/** All bridges, or the one named; with rates since an earlier sample. Throws TsnsError not-found `no-such-bridge`. */
export async function showBridges(engine: Engine, name?: string, since?: CounterSample): Promise<Shown> {
  const network = readBridgeNetwork();
  const atMs = performance.now();
  const owners = openOwners(engine);
  let networks: readonly NetworkOfBridge[] | undefined;
  const bridges = viewBridges(
    network,
    {
      ofProcess: (process) => owners.ofPid(process.pid, process),
      ofBridge(bridge) {
        networks ??= readNetworksOfBridges(engine);
        return ownerOfBridge(bridge, networks);
      },
    },
    name,
  );
  // Says what is wrong with the name.
  if (name !== undefined && bridges.length === 0) (await import("./bridge.ts")).listBridges(engine, [name]);
  return {
    bridges: since ? withRates(since.links, bridges, (atMs - since.atMs) / 1000) : bridges,
    sample: { links: network.links, atMs },
  };
}
