// Bridges of the host with whom they belong to, and who is behind their ports.
import { readBridgeLinks, readBridgeNetwork } from "../../kernel/network/bridge.ts";
import { type NetworkOfBridge, ownerOfBridge } from "../../network/bridge-owner.ts";
import { type BridgeView, type CountedLink, viewBridges, withRates } from "../../network/view.ts";
import type { Engine } from "../engine.ts";
import { openOwners } from "../owner.ts";
import { listBridges } from "./bridge.ts";
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
export function showBridges(engine: Engine, name?: string, since?: CounterSample): Shown {
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
  if (name !== undefined && bridges.length === 0) listBridges(engine, [name]);
  return {
    bridges: since ? withRates(since.links, bridges, (atMs - since.atMs) / 1000) : bridges,
    sample: { links: network.links, atMs },
  };
}

/** Counters of now, once the time has passed. Rejects when the signal comes first. */
export async function sampleCounters(waitMs: number, signal: AbortSignal): Promise<CounterSample> {
  const sample = { links: readBridgeLinks(), atMs: performance.now() };
  // Loaded where it is needed: most looks have neither rates nor a watch.
  const { setTimeout: sleep } = await import("node:timers/promises");
  await sleep(waitMs, undefined, { signal });
  return sample;
}

/** Yields at once, at every change of links, neighbours or addresses, and every `tickMs` if that is given; until the signal. */
export async function* watchBridges(signal: AbortSignal, tickMs?: number): AsyncGenerator<void> {
  const { routeGroup, watchRoutes } = await import("../../kernel/netlink/watch.ts");
  const groups = [routeGroup.link, routeGroup.neighbour, routeGroup.ipv4Address, routeGroup.ipv6Address];
  yield* watchRoutes(groups, { signal, ...(tickMs === undefined ? {} : { tickMs }) });
}
