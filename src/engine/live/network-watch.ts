// When networks are looked at: when the kernel announces another link or address, and when an event tells of a network or a container. Nothing
// is looked at by the clock.
import { type LinkTable, readRouteTable } from "../../kernel/network/link-table.ts";
import type { BridgeView } from "../../network/view.ts";
import { createBell } from "../bell.ts";
import type { Engine } from "../engine.ts";
import { openEventFeed } from "../event/feed.ts";
import { type EventMessage, parseEvents } from "../event/message.ts";
import { listStored } from "../look.ts";
import { listNetworks } from "../network/list.ts";
import { watchLinks } from "../network/show-live.ts";
import { runOwn } from "../own-output.ts";
import { type Facts, type LiveNetworks, liveNetworks, specsOf } from "./network.ts";
import { createPace } from "./pace.ts";

/** What the links say of bridges of others and their ports; "" without any. */
export function foreignKey(own: ReadonlySet<string>, { links, addresses }: LinkTable): string {
  const bridges = links.filter(({ kind, name }) => kind === "bridge" && !own.has(name));
  const indices = new Set(bridges.map(({ index }) => index));
  const ports = links.filter(({ master }) => master !== undefined && indices.has(master));
  return [
    ...[...bridges, ...ports].map(({ index, name, up, master = 0 }) => `${index} ${name} ${up} ${master}`),
    ...addresses.flatMap(({ linkIndex, address }) => (indices.has(linkIndex) ? [`${linkIndex} ${address}`] : [])),
  ].join("\n");
}

/** A process of its own finds out who is behind them: it enters all their namespaces. Throws unavailable. */
async function askForeign(engine: Engine, own: ReadonlySet<string>, signal: AbortSignal): Promise<readonly BridgeView[]> {
  const bridges = JSON.parse(await runOwn(engine, ["net", "show", "--json"], signal)) as readonly BridgeView[];
  return bridges.filter(({ name }) => !own.has(name));
}

/** What changes who is where, or which ports are published. */
const containerActions: ReadonlySet<string> = new Set(["create", "start", "die", "destroy", "rename", "update", "restart"]);

export const concernsNetworks = ({ type, action }: Pick<EventMessage, "type" | "action">): boolean =>
  type === "network" || (type === "container" && containerActions.has(action));

/** So often at most they are told: a start is a burst of announcements. */
const leastMs = 500;

/** Yields at once, and when something is another one than before. Ends with the signal. Throws KernelError. */
export async function* watchNetworks(engine: Engine, signal: AbortSignal): AsyncGenerator<LiveNetworks> {
  const pace = createPace(leastMs);
  using changes = watchChanges(engine, signal);
  const foreign = followForeign(engine, changes.ring, signal);
  let before = "";
  while (!signal.aborted) {
    await pace(signal);
    if (signal.aborted) return;
    const facts = { entries: listStored(engine, () => listNetworks(engine)), table: readRouteTable() };
    const value = liveNetworks(engine, facts, foreign.ask(facts));
    const { uplinks, onHost, offline } = value.map;
    const text = JSON.stringify([value.networks, uplinks, onHost, offline]);
    // What is known at once is told before others have been asked for the rest.
    if (text !== before) yield value;
    before = text;
    await changes.next();
  }
}

/** Between two questions who is behind the bridges of others. */
const foreignMs = 3000;

/** Bridges of others as last known; asked again when their links have changed, `told` when there is an answer. */
function followForeign(engine: Engine, told: () => void, signal: AbortSignal) {
  const pace = createPace(foreignMs);
  let known: readonly BridgeView[] = [];
  let asked = "";
  let isAsking = false;
  async function ask(own: ReadonlySet<string>): Promise<void> {
    await pace(signal);
    // Who cannot be asked leaves what was known before.
    known = await askForeign(engine, own, signal).catch(() => known);
    isAsking = false;
    told();
  }
  return {
    ask({ entries, table }: Facts): readonly BridgeView[] {
      const own = new Set(specsOf(entries).map(({ bridge }) => bridge));
      const key = foreignKey(own, table);
      if (key === "") known = [];
      if (!isAsking && key !== asked) {
        asked = key;
        isAsking = key !== "";
        if (isAsking) void ask(own);
      }
      const here = new Set(table.links.map(({ name }) => name));
      return known.filter(({ name }) => here.has(name) && !own.has(name));
    },
  };
}

interface Changes extends Disposable {
  /** As a change would. */
  ring(): void;
  /** Resolves at the next change; rejects when nothing can be heard any more. */
  next(): Promise<void>;
}

/** The kernel's announcements and the events together. */
function watchChanges(engine: Engine, outer: AbortSignal): Changes {
  const end = new AbortController();
  const signal = AbortSignal.any([outer, end.signal]);
  const bell = createBell();
  let failure: unknown;
  const fail = (error: unknown) => {
    failure = error;
    bell.ring();
  };
  async function followLinks(): Promise<void> {
    for await (const _ of watchLinks(signal)) bell.ring();
  }
  async function followEvents(): Promise<void> {
    using feed = openEventFeed(engine.root);
    while (!signal.aborted) {
      await feed.changed(signal);
      if (parseEvents(feed.read()).some(concernsNetworks)) bell.ring();
    }
  }
  followLinks().catch(fail);
  followEvents().catch(fail);
  return {
    ring: bell.ring,
    async next() {
      await bell.rung(signal);
      if (failure !== undefined && !signal.aborted) throw failure;
    },
    [Symbol.dispose]: () => end.abort(),
  };
}
