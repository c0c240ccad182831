// What a watch of bridges needs beyond a look: counters of a moment, and the kernel's announcements.
import { readBridgeLinks } from "../../kernel/network/bridge.ts";
import type { CounterSample } from "./show.ts";

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

/** Yields at once and at every change of links or addresses, not of neighbours, which change with what is sent; until the signal. */
export async function* watchLinks(signal: AbortSignal): AsyncGenerator<void> {
  const { routeGroup, watchRoutes } = await import("../../kernel/netlink/watch.ts");
  yield* watchRoutes([routeGroup.link, routeGroup.ipv4Address, routeGroup.ipv6Address], { signal });
}
