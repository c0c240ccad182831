// When something that the firewall's rules decide is looked at again: when the kernel announces other rules of nftables (iptables' nft backend
// included), here or in a network namespace with an id here, and when a listing of the legacy backend, which announces nothing, is another one.
import { setTimeout as delay } from "node:timers/promises";
import { readLegacyMark } from "../../kernel/iptables/legacy.ts";
import { nftablesSource } from "../../kernel/netlink/event.ts";
import { watchGroups } from "../../kernel/netlink/watch.ts";
import { type Bell, createBell } from "../bell.ts";

/** Where changes are heard of; both tell once when they have begun, or that they cannot. */
export interface RuleSources {
  announced(signal: AbortSignal): AsyncIterable<void>;
  readonly legacyMark: (signal: AbortSignal) => Promise<string>;
}

const kernelSources: RuleSources = {
  announced: (signal) => watchGroups(nftablesSource, { signal }),
  legacyMark: readLegacyMark,
};

const rest = (ms: number, signal: AbortSignal): Promise<void> => delay(ms, undefined, { signal }).catch(() => {});

/** After what has been heard before cannot be heard any more. */
const retryMs = 5000;

/** Rings at every announcement. Resolves when listening has begun, or cannot: then there are no rules to be read either. */
function followAnnounced({ announced }: RuleSources, bell: Bell, signal: AbortSignal): Promise<void> {
  const begun = Promise.withResolvers<void>();
  async function follow(): Promise<void> {
    let hasBegun = false;
    try {
      for await (const _ of announced(signal)) {
        hasBegun = true;
        bell.ring();
        begun.resolve();
      }
    } catch {
      // Who may not listen, or whose kernel has no nftables: what is looked at says so itself.
    }
    begun.resolve();
    if (!hasBegun || signal.aborted) return;
    await rest(retryMs, signal);
    if (!signal.aborted) await follow();
  }
  void follow();
  return begun.promise;
}

/** Between two listings at least; and so many times what one of them took, as there may be thousands of rules. */
const legacyMs = 3000;
const legacyShare = 200;

/** Rings when the mark is another one. Ends where it cannot be told. Resolves after the first. */
async function followLegacy({ legacyMark }: RuleSources, bell: Bell, signal: AbortSignal): Promise<void> {
  let before: string;
  let tookMs = 0;
  async function look(): Promise<string> {
    const beganMs = performance.now();
    const mark = await legacyMark(signal);
    tookMs = performance.now() - beganMs;
    return mark;
  }
  async function follow(): Promise<void> {
    for (;;) {
      await rest(Math.max(legacyMs, tookMs * legacyShare), signal);
      if (signal.aborted) return;
      const mark = await look();
      if (mark !== before) bell.ring();
      before = mark;
    }
  }
  try {
    before = await look();
  } catch {
    return;
  }
  follow().catch(() => {});
}

/** Changes come in bursts: who sets up a firewall runs a program for each rule. */
const settleMs = 150;

/** Yields at once and after each burst of changes, until the signal. Nothing is missed while the consumer works. */
export async function* watchRules(outer: AbortSignal, sources: RuleSources = kernelSources): AsyncGenerator<void> {
  const end = new AbortController();
  const signal = AbortSignal.any([outer, end.signal]);
  const bell = createBell();
  try {
    await Promise.all([followAnnounced(sources, bell, signal), followLegacy(sources, bell, signal)]);
    // What was told until now is seen by the first look.
    bell.ring();
    await bell.rung(signal);
    while (!signal.aborted) {
      yield;
      await bell.rung(signal);
      if (!signal.aborted) await rest(settleMs, signal);
    }
  } finally {
    end.abort();
  }
}

/**
 * A look starts processes: where rules go on changing, what it took is rested before the next, then twice, and in the end so many times that.
 */
const mostRests = 16;

/**
 * What `look` tells, and told again where a change of the rules has made it another: of the first look all that it yields, of later ones
 * only the last, when it differs from what was told before. Rejects with what `look` throws.
 */
export async function* lookedAgain<T>(
  look: () => AsyncIterable<T>,
  signal: AbortSignal,
  changes: AsyncIterable<void> = watchRules(signal),
): AsyncGenerator<T> {
  let before: string | undefined;
  let rests = 0;
  let quietAtMs = 0;
  for await (const _ of changes) {
    const isFirst = before === undefined;
    const beganMs = performance.now();
    rests = beganMs > quietAtMs ? 1 : Math.min(rests * 2, mostRests);
    let last: T | undefined;
    for await (const value of look()) {
      if (isFirst && !signal.aborted) yield value;
      last = value;
    }
    if (signal.aborted) return;
    const text = JSON.stringify(last) ?? "";
    if (!isFirst && last !== undefined && text !== before) yield last;
    before = text;
    const restMs = isFirst ? 0 : (performance.now() - beganMs) * rests;
    await rest(restMs, signal);
    quietAtMs = performance.now() + restMs;
  }
}
