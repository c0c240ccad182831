// Containers and their use for all who look at the same time: one watch and one sampler, which work only while somebody follows.
import { type ContainerState, isLive } from "../../container/record.ts";
import type { Engine } from "../engine.ts";
import { type ContainerWatch, followContainers, openContainerWatch } from "./container.ts";
import { everyPeriod } from "./pace.ts";
import { inTurns } from "./slice.ts";
import { type FindContainer, openUsageSampler, type Sampled, type UsageBoard, type UsageSampler } from "./usage.ts";

export type Containers = readonly ContainerState[];

/** Whose use is wanted: these, or all that run. */
export type UsageWanted = readonly string[] | "running";

export interface Follower<T> {
  /** `T` again and again, whole each time; at once where there is one. */
  told(value: T): void;
  /** Told once for each failure; what is followed goes on. */
  failed(error: unknown): void;
}

/** The board after a look; `isChanged`: some container's latest sample is another one than before. */
export interface UsageTold {
  readonly board: UsageBoard;
  /** Those that were sampled and run. */
  readonly running: Containers;
  readonly isChanged: boolean;
}

export interface UsageFollowing extends Disposable {
  want(wanted: UsageWanted): void;
}

export interface LiveSource {
  /** All containers, newest first, told when something has changed. */
  followContainers(follower: Follower<Containers>): Disposable;
  /** Told after each look, once an interval, whether anything has changed or not. */
  followUsage(wanted: UsageWanted, follower: Follower<UsageTold>): UsageFollowing;
}

/** What a moment needs, for rates to be told soon after the start. */
const firstMs = 250;
/** After a failure it is tried again. */
const retryMs = 2000;

export function openLiveSource(engine: Engine, intervalMs: number): LiveSource {
  const containers = shareContainers(engine);
  let usage: ReturnType<typeof shareUsage> | undefined;
  return {
    followContainers: containers.follow,
    followUsage(wanted, follower) {
      usage ??= shareUsage(containers, intervalMs);
      return usage.follow(wanted, follower);
    },
  };
}

interface SharedContainers {
  follow(follower: Follower<Containers>): Disposable;
  readonly newest: () => Containers | undefined;
  suspect(id: string): void;
}

function shareContainers(engine: Engine): SharedContainers {
  const followers = new Set<Follower<Containers>>();
  let open: { readonly watch: ContainerWatch; readonly end: AbortController } | undefined;
  let newest: Containers | undefined;
  async function run(end: AbortController): Promise<void> {
    using watch = openContainerWatch(engine);
    open = { watch, end };
    for await (const value of followContainers(watch, end.signal)) {
      newest = value;
      for (const { told } of followers) told(value);
    }
  }
  function start(): void {
    const end = new AbortController();
    run(end).catch((error: unknown) => {
      if (end.signal.aborted) return;
      open = undefined;
      for (const { failed } of followers) failed(error);
      setTimeout(() => {
        if (!open && followers.size > 0) start();
      }, retryMs).unref();
    });
  }
  return {
    newest: () => newest,
    suspect: (id) => open?.watch.suspect(id),
    follow(follower) {
      followers.add(follower);
      if (newest) follower.told(newest);
      if (followers.size === 1) start();
      return {
        [Symbol.dispose]() {
          if (!followers.delete(follower) || followers.size > 0) return;
          open?.end.abort();
          open = newest = undefined;
        },
      };
    },
  };
}

interface Wanting {
  wanted: UsageWanted;
  readonly follower: Follower<UsageTold>;
}

function shareUsage(containers: SharedContainers, intervalMs: number) {
  const all = new Set<Wanting>();
  // Kept when nobody follows: curves go on where they were when nobody looked for a while.
  let sampler: UsageSampler | undefined;
  let sampling: Disposable | undefined;
  let listening: Disposable | undefined;
  /** Looked at once; their second look does not wait for the next interval. */
  const fresh = new Set<string>();
  let second: NodeJS.Timeout | undefined;
  /** A look at all that takes several turns of the loop; while one is under way there is no other. */
  let isUnderWay = false;
  /** Looks at all that are wanted, or at some of them between two intervals: the rates of the others keep their time. */
  function take(only?: ReadonlySet<string>): void {
    const newest = containers.newest();
    if (!newest || (!only && isUnderWay)) return;
    sampler ??= openUsageSampler(intervalMs);
    const byId = new Map(newest.map((state) => [state.record.id, state]));
    const chosen = chosenOf(all, newest, byId);
    const looked = only ? chosen.filter(({ record }) => only.has(record.id)) : chosen;
    const { board } = sampler;
    if (!only) isUnderWay = true;
    const over =
      <T>(act: (value: T) => void) =>
      (value: T) => {
        if (!only) isUnderWay = false;
        act(value);
      };
    inTurns(
      sampler.sliced(looked, finder(newest, byId)),
      over((sampled) => tell(sampled, { board, running: chosen.filter(isLive), isChanged: sampled.isChanged }, only)),
      over((error) => {
        for (const { follower } of all) follower.failed(error);
      }),
    );
  }
  function tell({ gone, first }: Sampled, told: UsageTold, only: ReadonlySet<string> | undefined): void {
    for (const id of gone) containers.suspect(id);
    for (const id of first.keys()) fresh.add(id);
    if (fresh.size > 0 && all.size > 0) second ??= setTimeout(takeSecond, firstMs);
    for (const { wanted, follower } of all) if (!only || wanted !== "running") follower.told(told);
  }
  function takeSecond(): void {
    second = undefined;
    const due = new Set(fresh);
    fresh.clear();
    take(due.size > 0 && [...all].every(({ wanted }) => wanted !== "running") ? due : undefined);
  }
  function open(): void {
    let isKnown = containers.newest() !== undefined;
    listening = containers.follow({
      told() {
        if (isKnown) return;
        isKnown = true;
        take();
      },
      failed() {},
    });
    sampling = everyPeriod(intervalMs, () => take());
  }
  function close(): void {
    sampling?.[Symbol.dispose]();
    clearTimeout(second);
    second = undefined;
    listening?.[Symbol.dispose]();
  }
  return {
    follow(wanted: UsageWanted, follower: Follower<UsageTold>): UsageFollowing {
      const wanting: Wanting = { wanted, follower };
      all.add(wanting);
      if (all.size === 1) open();
      take(wanted === "running" ? undefined : new Set(wanted));
      return {
        want(next) {
          const before = wanting.wanted;
          wanting.wanted = next;
          if (next === "running" || before === "running") return;
          const more = next.filter((id) => !before.includes(id));
          if (more.length > 0) take(new Set(more));
        },
        [Symbol.dispose]() {
          if (all.delete(wanting) && all.size === 0) close();
        },
      };
    },
  };
}

function chosenOf(all: ReadonlySet<Wanting>, newest: Containers, byId: ReadonlyMap<string, ContainerState>): Containers {
  const chosen = new Set<ContainerState>();
  for (const { wanted } of all) {
    if (wanted === "running") for (const state of newest.filter(isLive)) chosen.add(state);
    else for (const id of wanted) for (const state of [byId.get(id)]) if (state) chosen.add(state);
  }
  return [...chosen];
}

/** By id, name, or the start of an id. */
const finder =
  (newest: Containers, byId: ReadonlyMap<string, ContainerState>): FindContainer =>
  (reference) =>
    byId.get(reference) ??
    newest.find(({ record }) => record.name === reference) ??
    newest.find(({ record }) => record.id.startsWith(reference));
