// All containers as they change. The file of events names those to look at; what no event tells (a monitor that was killed, a record written
// quietly) is told by the group's own events where there are some (cgroup v2), else found by asking each second whether the processes are still there,
// and by a slow look at a few containers more.
import type { ContainerState } from "../../container/record.ts";
import { createBell } from "../bell.ts";
import type { Engine } from "../engine.ts";
import { openEventFeed } from "../event/feed.ts";
import { type EventMessage, parseEvent } from "../event/message.ts";
import { openGroupWatches } from "./group-watch.ts";
import { openKnownContainers } from "./known.ts";
import { createPace, everyPeriod } from "./pace.ts";

export interface ContainerWatch extends Disposable {
  /** All containers as they are now, newest first: the same array, and the same state of each, until something has changed. */
  read(): Promise<readonly ContainerState[]>;
  /** Resolves when there may be something new, or when the signal is aborted. */
  changed(signal?: AbortSignal): Promise<void>;
  /** Something is the matter with this container: it is looked at. */
  suspect(id: string): void;
}

/** So often at most something new is told. */
const leastMs = 100;
const tickMs = 1000;
/** In each tick so many are looked at whatever happens: all in a minute, of hundreds a few. */
const slow = { ticks: 60, least: 1, most: 5 } as const;
/** Once more after an event: what follows an end (clean-up, the next run) is not all told. */
const laterTicks = 2;

/** Ids that an event names: its container, or the one that a network was given or taken. */
export function containersOf({ type, action, id, attributes }: EventMessage): readonly string[] {
  if (type === "container") return action.startsWith("exec_") ? [] : [id];
  return type === "network" && attributes.container !== undefined ? [attributes.container] : [];
}

/** Hands out ids in rounds, a few at a time. */
export function createRounds(): (all: readonly string[]) => readonly string[] {
  let from = 0;
  return (all) => {
    const count = Math.min(Math.max(Math.ceil(all.length / slow.ticks), slow.least), slow.most, all.length);
    const chosen = Array.from({ length: count }, (_, at) => all[(from + at) % all.length] ?? "");
    from = all.length === 0 ? 0 : (from + count) % all.length;
    return chosen;
  };
}

export function openContainerWatch(engine: Engine): ContainerWatch {
  const feed = openEventFeed(engine.root);
  const bell = createBell();
  const end = new AbortController();
  /** To be looked at next; and in how many ticks once more. */
  const named = new Set<string>();
  const later = new Map<string, number>();
  const nextRound = createRounds();
  const suspect = (id: string) => {
    named.add(id);
    bell.ring();
  };
  const known = openKnownContainers(engine, suspect, end.signal);
  const groups = openGroupWatches(suspect);
  const ticking = everyPeriod(tickMs, tick);
  void followEvents();
  async function followEvents(): Promise<void> {
    while (!end.signal.aborted) {
      await feed.changed(end.signal);
      bell.ring();
    }
  }
  function dueLater(): readonly string[] {
    const due = [...later].flatMap(([id, ticks]) => (ticks <= 1 ? [id] : []));
    for (const [id, ticks] of later) if (ticks > 1) later.set(id, ticks - 1);
    for (const id of due) later.delete(id);
    return due;
  }
  /** Costs a few microseconds for each container that runs. */
  function tick(): void {
    if (!known.all) return;
    try {
      for (const id of known.lost()) named.add(id);
      const round = nextRound(known.all.map(({ record }) => record.id));
      for (const id of [...round, ...dueLater()]) if (!named.has(id) && known.isStale(id)) named.add(id);
      if (named.size > 0 || known.isReplaced()) bell.ring();
    } catch {
      // A store that cannot be read: who reads is told.
      bell.ring();
    }
  }
  return {
    changed: bell.rung,
    async read() {
      // Before the containers: what happens while they are read is told after them.
      const events = feed.read().flatMap((line) => parseEvent(line) ?? []);
      for (const id of events.flatMap(containersOf)) {
        named.add(id);
        later.set(id, laterTicks);
      }
      const ids = [...named];
      named.clear();
      const before = known.all;
      if (!known.all || known.isReplaced()) await known.readAll();
      else known.look(ids);
      const all = known.all ?? [];
      if (all !== before) groups.follow(all);
      return all;
    },
    suspect,
    [Symbol.dispose]() {
      ticking[Symbol.dispose]();
      groups[Symbol.dispose]();
      end.abort();
      feed.close();
    },
  };
}

/** Yields at once, and after each change until the signal. */
export async function* followContainers(watch: ContainerWatch, signal: AbortSignal): AsyncGenerator<readonly ContainerState[]> {
  const pace = createPace(leastMs);
  let told: readonly ContainerState[] | undefined;
  while (!signal.aborted) {
    await pace(signal);
    if (signal.aborted) return;
    const containers = await watch.read();
    if (containers !== told) yield containers;
    told = containers;
    await watch.changed(signal);
  }
}
