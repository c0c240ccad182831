// One bridge with its ports and what its forwarding table has learned, again when the kernel announces a change.
import { TsnsError } from "../../base/error.ts";
import type { Link } from "../../network/link-state.ts";
import type { Engine } from "../engine.ts";
import { type BridgeMacs, listMacs } from "../network/bridge.ts";
import { watchBridges } from "../network/show-live.ts";
import { createPace } from "./pace.ts";

export interface LivePort {
  readonly link: Link;
  /** Hardware addresses that frames from there had, and those of the port itself. */
  readonly learned: number;
  readonly own: number;
}

export interface LiveBridge {
  readonly link: Link;
  /** By number. */
  readonly ports: readonly LivePort[];
}

/** So often at most it is told. */
const leastMs = 1000;

export function liveBridge({ bridge, ports, entries }: BridgeMacs): LiveBridge {
  const count = (index: number, local: boolean): number =>
    new Set(entries.flatMap((entry) => (entry.linkIndex === index && entry.local === local ? [entry.mac] : []))).size;
  return {
    link: withoutCounters(bridge),
    ports: ports
      .map((link) => ({ link: withoutCounters(link), learned: count(link.index, false), own: count(link.index, true) }))
      .sort((one, other) => (one.link.port?.number ?? 0) - (other.link.port?.number ?? 0)),
  };
}

function withoutCounters({ counters: _, ...link }: Link): Link {
  return link;
}

/** Yields at once and after each change; undefined while there is no such bridge. Ends with the signal. Throws KernelError. */
export async function* watchBridge(engine: Engine, name: string, signal: AbortSignal): AsyncGenerator<LiveBridge | undefined> {
  const pace = createPace(leastMs);
  let before: string | undefined;
  for await (const _ of watchBridges(signal)) {
    await pace(signal);
    if (signal.aborted) return;
    const bridge = readBridge(engine, name);
    // Timers of the bridge go on all the time.
    const text = JSON.stringify(bridge, (key, value) => (key.endsWith("TimerCentiseconds") ? undefined : value)) ?? "";
    if (text !== before) yield bridge;
    before = text;
  }
}

function readBridge(engine: Engine, name: string): LiveBridge | undefined {
  try {
    return liveBridge(listMacs(engine, name));
  } catch (error) {
    if (error instanceof TsnsError && ["no-such-bridge", "not-a-bridge"].includes(error.code)) return undefined;
    throw error;
  }
}
