// What a probe has shown beside what was traced: whether they agree, and which rules counted it. Pure.
import type { RuleRef } from "./table.ts";
import type { Trace } from "./trace.ts";
import type { VerdictKind } from "./verdict.ts";

export interface Counted {
  readonly space: string;
  readonly rule: RuleRef;
  readonly packets: bigint;
  /** The trace named this rule. Others count packets of others too. */
  readonly traced: boolean;
}

export interface LiveReport {
  readonly sourcePort: number;
  readonly outcome: string;
  readonly milliseconds: number;
  readonly counted: readonly Counted[];
  /** Lines of connection tracking about the probe. */
  readonly flows: readonly string[];
  /** yes, no, or unclear: a UDP probe that nobody answered, or a verdict that was unknown. */
  readonly agrees: "yes" | "no" | "unclear";
}

export const keyOf = (rule: RuleRef): string => `${rule.family} ${rule.backend} ${rule.table} ${rule.chain} ${rule.number}`;

/** Whether the probe did what was expected. An errno shows that it got nowhere, or that it was rejected. */
export function agreement(verdict: VerdictKind, outcome: string, accepted = false): LiveReport["agrees"] {
  // Who connects to a relaying program is connected before that program tries the way on.
  if (accepted && outcome === "connected") return verdict === "reachable" ? "yes" : "unclear";
  if (verdict === "unknown" || outcome === "silent") return "unclear";
  const arrived = outcome === "connected" || outcome === "answered";
  return arrived === (verdict === "reachable") ? "yes" : "no";
}

/** Rules whose counters rose between two readings of a namespace, those that the trace named first. */
export function countedBetween(
  space: string,
  before: readonly { readonly rule: RuleRef; readonly packets: bigint }[],
  after: readonly { readonly rule: RuleRef; readonly packets: bigint }[],
  { hops }: Trace,
): readonly Counted[] {
  const old = new Map(before.map(({ rule, packets }) => [keyOf(rule), packets]));
  const named = new Set(hops.flatMap((hop) => (hop.rule && hop.space === space ? [keyOf(hop.rule)] : [])));
  const risen = after.flatMap(({ rule, packets }): Counted[] => {
    const more = packets - (old.get(keyOf(rule)) ?? 0n);
    return more > 0n ? [{ space, rule, packets: more, traced: named.has(keyOf(rule)) }] : [];
  });
  return [...risen.filter(({ traced }) => traced), ...risen.filter(({ traced }) => !traced)];
}
