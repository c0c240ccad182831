// The logs of some containers before somebody's eyes: a window of lines that moves to where one looks, follows the end, is filtered and
// searched in slices, and says what becomes of the containers. Nothing is read while nothing is written and nobody moves.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ContainerState } from "../../container/record.ts";
import { type Bell, createBell } from "../bell.ts";
import type { LogLine } from "../container/log/held.ts";
import type { Engine } from "../engine.ts";
import type { LogAsks, LogBoard } from "./log-asks.ts";
import { changesOf } from "./log-change.ts";
import { noticeOf } from "./log-source.ts";
import { watchDirectories } from "./log-watch.ts";
import { type Opened, openAll, search, workOf } from "./log-work.ts";
import { boundMatching } from "./matching.ts";

export interface LogView extends Disposable {
  want(asks: LogAsks): void;
  /** All containers as they are now. */
  tell(containers: readonly ContainerState[]): void;
}

/** So often at most something new is told. */
const paceMs = 100;
/** So often nothing new is found before it is waited for by inotify again: a storm of writes is a storm of its events. */
const quietTurns = 5;
/** And so often all the same: the kernel drops events that nobody has taken in time (inotify(7), IN_Q_OVERFLOW). */
const droppedMs = 10_000;

/** What they share: what is wanted now, and what is to be said. */
interface Shared {
  asks: LogAsks;
  notices: LogLine[];
  found: LogBoard["found"];
}

const isSameBoard = (one: LogBoard | undefined, other: LogBoard): boolean =>
  one?.lines === other.lines && one.found === other.found && one.isEnd === other.isEnd && one.isStart === other.isStart;

/** False when nobody has rung. */
async function rungWithin(bell: Bell, ms: number): Promise<boolean> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), ms);
  await bell.rung(over.signal);
  clearTimeout(timer);
  return !over.signal.aborted;
}

/** Begins at once. `failed` is told once for each failure; it goes on when something else is wanted. */
export function openLogView(
  engine: Engine,
  first: LogAsks,
  { told, failed }: { told(board: LogBoard): void; failed(error: unknown): void },
): LogView {
  boundMatching();
  const end = new AbortController();
  const { signal } = end;
  const bell = createBell();
  const shared: Shared = { asks: first, notices: [], found: undefined };
  let states: ReadonlyMap<string, ContainerState> | undefined;
  async function show(opened: Opened): Promise<void> {
    const {
      window,
      asks: { of, ids },
    } = opened;
    using watching = watchDirectories(engine, ids, bell.ring);
    let shown: LogBoard | undefined;
    let toldMs = 0;
    let quiet = 0;
    const tellNew = (): boolean => {
      const board = boardOf(opened, shared.found);
      if (isSameBoard(shown, board)) return false;
      shown = board;
      toldMs = performance.now();
      told(board);
      return true;
    };
    while (!signal.aborted && shared.asks.of === of) {
      if (shared.asks.find && shared.asks.find.epoch !== shared.found?.epoch) {
        const isFound = await find(opened, shared, signal, (searchedMs) => shown && told({ ...shown, searchedMs }));
        // At once: whoever asked looks there from now on, and without knowing that the window would be moved back.
        if (isFound) tellNew();
        continue;
      }
      const isMore = work(opened, shared);
      const isNew = (!isMore || performance.now() - toldMs > paceMs) && tellNew();
      if (isMore) {
        await nextTurn();
        continue;
      }
      quiet = isNew ? 0 : quiet + 1;
      if (quiet < quietTurns) await rungWithin(bell, paceMs);
      else {
        watching.open();
        // What was written before it was watched.
        window.wake();
        const isCalm = !work(opened, shared) && !tellNew() && !(await rungWithin(bell, droppedMs));
        watching.close();
        quiet = isCalm ? quietTurns : 0;
      }
      window.wake();
    }
  }
  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        using opened = openAll(engine, shared.asks);
        Object.assign(shared, { notices: [], found: undefined });
        await show(opened);
      } catch (error) {
        failed(error);
        await bell.rung();
      }
    }
  }
  void run();
  return {
    want(wanted) {
      shared.asks = wanted;
      bell.ring();
    },
    tell(containers) {
      const before = states;
      const after = new Map(containers.map((state) => [state.record.id, state]));
      states = after;
      if (!before) return;
      for (const [number, id] of shared.asks.ids.entries())
        for (const { text, ms } of changesOf(before.get(id), after.get(id))) shared.notices.push(noticeOf(number, ms ?? Date.now(), text));
      if (shared.notices.length > 0) bell.ring();
    },
    [Symbol.dispose]() {
      end.abort();
      bell.ring();
    },
  };
}

function boardOf({ asks: { of }, window, records, problems }: Opened, found: LogBoard["found"]): LogBoard {
  const { base, lines, isStart, isEnd } = window;
  const names = records.map((record) => record?.name ?? "?");
  return { of, base, lines, isStart, isEnd, names, problems, ...(found ? { found } : {}) };
}

function work(opened: Opened, shared: Shared): boolean {
  const { isMore, notices } = workOf(opened, shared.asks, shared.notices);
  shared.notices = notices;
  return isMore;
}

/** False when something else is wanted meanwhile. */
async function find(opened: Opened, shared: Shared, signal: AbortSignal, progress: (ms: number) => void): Promise<boolean> {
  const { find: asked, of } = shared.asks;
  if (!asked) return false;
  const isOver = () => signal.aborted || shared.asks.find?.epoch !== asked.epoch || shared.asks.of !== of;
  const number = await search(opened, asked, isOver, progress);
  if (isOver()) return false;
  shared.found = { epoch: asked.epoch, number };
  return true;
}
