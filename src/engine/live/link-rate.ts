// What passes through links, sampled once an interval by one look at the counters of all of them, while somebody looks.
import { setTimeout as delay } from "node:timers/promises";
import { openLinkCounters } from "../../kernel/proc/net-dev.ts";
import type { LinkCounters } from "../../network/link-state.ts";

export interface LinkRate {
  /** As the host counts: what it received from the link, and what it sent to it. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receivedPackets: number;
  readonly sentPackets: number;
}

export interface LinkTraffic {
  /** Per second; undefined until it has been looked at twice. */
  readonly rate: LinkRate | undefined;
  /** Since the link was made, both directions. */
  readonly dropped: number;
  readonly errors: number;
}

/** By the names of links; those that are not there are left out. */
export type LinkTraffics = ReadonlyMap<string, LinkTraffic>;

/** The first rates come soon. */
const firstMs = 250;

export interface CounterLook {
  readonly atMs: number;
  readonly counters: ReadonlyMap<string, LinkCounters>;
}

/** What has been counted between two looks. A link that was made anew in between has no rate yet. */
export function trafficBetween(before: CounterLook | undefined, now: CounterLook): LinkTraffics {
  const seconds = before ? (now.atMs - before.atMs) / 1000 : 0;
  return new Map(
    [...now.counters].map(([name, counters]): [string, LinkTraffic] => {
      const earlier = before?.counters.get(name);
      const perSecond = (key: keyof LinkCounters): number => Math.round((counters[key] - (earlier?.[key] ?? 0)) / seconds);
      const isSame = earlier !== undefined && seconds > 0 && earlier.rxBytes <= counters.rxBytes && earlier.txBytes <= counters.txBytes;
      return [
        name,
        {
          rate: isSame
            ? {
                receivedBytes: perSecond("rxBytes"),
                sentBytes: perSecond("txBytes"),
                receivedPackets: perSecond("rxPackets"),
                sentPackets: perSecond("txPackets"),
              }
            : undefined,
          dropped: counters.rxDropped + counters.txDropped,
          errors: counters.rxErrors + counters.txErrors,
        },
      ];
    }),
  );
}

const keyOf = (traffics: LinkTraffics): string => JSON.stringify([...traffics]);

/** Yields when something is another one than before: at once, soon, then once an interval. Ends with the signal. */
export async function* watchTraffic(names: ReadonlySet<string>, intervalMs: number, signal: AbortSignal): AsyncGenerator<LinkTraffics> {
  using links = openLinkCounters();
  let before: CounterLook | undefined;
  let told = "";
  for (let waitMs = Math.min(firstMs, intervalMs); !signal.aborted; ) {
    const look = { atMs: performance.now(), counters: links.readAll(names) };
    const traffics = trafficBetween(before, look);
    const key = keyOf(traffics);
    if (key !== told) yield traffics;
    told = key;
    if (before) waitMs = intervalMs;
    before = look;
    await delay(waitMs, undefined, { signal }).catch(() => {});
  }
}
