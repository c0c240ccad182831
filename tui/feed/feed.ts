// Everything that is fed to the screen: started when it is needed, ended when it is not, told value by value.
import { setTimeout as delay } from "node:timers/promises";
import type { Engine } from "../../src/engine/engine.ts";
import type { FedValue, FeedKind, FeedTable, Need } from "../model/need.ts";

/** One source of values; it lives while it is needed. */
export interface Feed<K extends FeedKind> extends Disposable {
  /** What it is asked for from now on. */
  want(asks: FeedTable[K]["asks"]): void;
}

export interface FeedPlace<K extends FeedKind> {
  readonly engine: Engine;
  readonly emit: (value: FeedTable[K]["value"]) => void;
  readonly fail: (error: unknown) => void;
}

export type FeedMakers = { readonly [K in FeedKind]: (place: FeedPlace<K>, asks: FeedTable[K]["asks"]) => Feed<K> };

export interface Feeds extends Disposable {
  /** From now on exactly this is fed. */
  need(needs: readonly Need[]): void;
}

export function openFeeds(
  engine: Engine,
  makers: FeedMakers,
  told: { readonly emit: (fed: FedValue) => void; readonly fail: (error: unknown) => void },
): Feeds {
  const open = new Map<FeedKind, Feed<FeedKind> & { asked: Need }>();
  // What is told on standard error elsewhere would be written across the screen.
  const quiet: Engine = Object.create(engine, { warn: { value: (text: string) => told.fail(new Error(text)) } });
  function start<K extends FeedKind>(kind: K, asks: FeedTable[K]["asks"]): Feed<K> {
    const emit = (value: FeedTable[K]["value"]) => told.emit({ feed: kind, value } as FedValue);
    return makers[kind]({ engine: quiet, emit, fail: told.fail }, asks);
  }
  return {
    need(needs) {
      const kinds = new Set<FeedKind>(needs.map(({ kind }) => kind));
      for (const [kind, feed] of open) {
        if (kinds.has(kind)) continue;
        feed[Symbol.dispose]();
        open.delete(kind);
      }
      for (const need of needs) {
        const feed = open.get(need.kind);
        if (!feed) open.set(need.kind, Object.assign(start(need.kind, need) as Feed<FeedKind>, { asked: need }));
        else if (!isSameNeed(feed.asked, need)) {
          feed.asked = need;
          feed.want(need as never);
        }
      }
    },
    [Symbol.dispose]() {
      for (const feed of open.values()) feed[Symbol.dispose]();
      open.clear();
    },
  };
}

const retryMs = 2000;

/** Asked at every message: lists of hundreds of ids are compared without making texts of them. */
function isSameNeed(one: Need, other: Need): boolean {
  if (one === other) return true;
  return isSameValue(Object.entries(one), Object.entries(other));
}

function isSameValue(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((value, at) => isSameValue(value, other[at]));
  return typeof one === "object" && JSON.stringify(one) === JSON.stringify(other);
}

/** A feed of what a generator yields; asked for something else it begins anew, and a while after a failure. */
export function feedOf<K extends FeedKind>(
  { emit, fail }: Pick<FeedPlace<K>, "emit" | "fail">,
  generate: (asks: FeedTable[K]["asks"], signal: AbortSignal) => AsyncIterable<FeedTable[K]["value"]>,
  asks: FeedTable[K]["asks"],
): Feed<K> {
  let end = new AbortController();
  async function follow(wanted: FeedTable[K]["asks"], signal: AbortSignal): Promise<void> {
    try {
      for await (const value of generate(wanted, signal)) {
        if (signal.aborted) return;
        emit(value);
      }
    } catch (error) {
      if (signal.aborted) return;
      fail(error);
      await delay(retryMs, undefined, { signal }).catch(() => {});
      if (!signal.aborted) void follow(wanted, signal);
    }
  }
  void follow(asks, end.signal);
  return {
    want(wanted) {
      end.abort();
      end = new AbortController();
      void follow(wanted, end.signal);
    },
    [Symbol.dispose]: () => end.abort(),
  };
}
