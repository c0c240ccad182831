// Containers as they were last seen: all read once, then looked at one by one. When that is worth it, container.ts knows.
import { statSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { type ContainerState, isLive } from "../../container/record.ts";
import { hasProcess } from "../../kernel/proc/identity.ts";
import { getContainer } from "../../store/container-record.ts";
import { listContainers } from "../container/list.ts";
import { observeContainer } from "../container/observe.ts";
import { isLeftBehind } from "../container/repair.ts";
import type { Engine } from "../engine.ts";
import { openRepairs } from "./repair.ts";

export interface KnownContainers {
  /** Newest first: the same array until something of one has changed; undefined before the first reading. */
  readonly all: readonly ContainerState[] | undefined;
  /** Reads all of them anew. */
  readAll(): Promise<void>;
  /** Looks at these now. One that has ended with nobody left to clean up is going to be cleaned up. */
  look(ids: Iterable<string>): void;
  /** Whether a container is another one than it was when it was last seen. Changes nothing. */
  isStale(id: string): boolean;
  /** Ids of those that should be running and have no process: one system call for each. */
  lost(): readonly string[];
  /** `tsns system reset` has taken the store away, and somebody has made another. */
  isReplaced(): boolean;
}

const newestFirst = (one: ContainerState, other: ContainerState): number =>
  other.record.createdMs - one.record.createdMs || (one.record.id < other.record.id ? -1 : 1);

/** All that a state tells, read now. */
function plainState(state: ContainerState): ContainerState {
  const { record, status, pid, monitorPid, paused, health } = state;
  return { record, status, pid, monitorPid, paused: isLive(state) && paused, ...(health ? { health } : {}) };
}

function readState(engine: Engine, id: string): ContainerState | undefined {
  const record = getContainer(engine.store, id);
  return record && plainState(observeContainer(engine, record));
}

const inodeOf = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;

/** `repaired`: told of a container that another process has cleaned up, until the signal. */
export function openKnownContainers(engine: Engine, repaired: (id: string) => void, signal: AbortSignal): KnownContainers {
  const repairs = openRepairs(engine, repaired, signal);
  const known = new Map<string, ContainerState>();
  let all: readonly ContainerState[] | undefined;
  let storeInode: number | undefined;
  /** True when it is another one than it was. */
  function lookAt(id: string): boolean {
    const before = known.get(id);
    const state = readState(engine, id);
    if (state && before && isLive(before) && !isLive(state) && isLeftBehind(engine, id)) repairs.ask(id);
    if (isDeepStrictEqual(before, state)) return false;
    if (state) known.set(id, state);
    else known.delete(id);
    return true;
  }
  const isReplaced = () => {
    const inode = inodeOf(`${engine.root}/store.db`);
    return all !== undefined && inode !== undefined && inode !== storeInode;
  };
  return {
    get all() {
      return all;
    },
    isReplaced,
    async readAll() {
      // Opened again at its next use.
      if (isReplaced()) engine[Symbol.dispose]();
      const states = (await listContainers(engine)).map(plainState);
      storeInode = inodeOf(`${engine.root}/store.db`);
      known.clear();
      for (const state of states) known.set(state.record.id, state);
      all = states;
    },
    look(ids) {
      let isChanged = false;
      for (const id of ids) isChanged = lookAt(id) || isChanged;
      if (isChanged) all = [...known.values()].sort(newestFirst);
    },
    isStale: (id) => !isDeepStrictEqual(readState(engine, id), known.get(id)),
    lost: () => [...known.values()].flatMap((state) => (isLive(state) && state.pid > 0 && !hasProcess(state.pid) ? [state.record.id] : [])),
  };
}
