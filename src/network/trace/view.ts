// A trace as text and as JSON. Pure.
import type { LiveReport } from "./live.ts";
import type { RuleRef } from "./table.ts";
import type { Trace } from "./trace.ts";
import { commandOf, renderRule } from "./verdict.ts";

export interface RuleView {
  readonly command: string;
  readonly table: string;
  readonly chain: string;
  /** 0: the chain's policy. */
  readonly number: number;
  readonly args: readonly string[];
}

export const ruleView = (rule: RuleRef): RuleView => ({
  command: commandOf(rule),
  table: rule.table,
  chain: rule.chain,
  number: rule.number,
  args: rule.args,
});

export interface TraceView {
  readonly from: string;
  readonly to: string;
  readonly verdict: "reachable" | "blocked" | "unknown";
  readonly reason: string;
  readonly fix?: string;
  readonly rule?: RuleView;
  readonly hops: readonly {
    readonly namespace: string;
    readonly at: string;
    readonly text: string;
    readonly answer: boolean;
    readonly rule?: RuleView;
  }[];
}

export function traceView({ hops, verdict }: Trace, from: string, to: string): TraceView {
  return {
    from,
    to,
    verdict: verdict.kind,
    reason: verdict.reason,
    ...(verdict.fix === undefined ? {} : { fix: verdict.fix }),
    ...(verdict.rule ? { rule: ruleView(verdict.rule) } : {}),
    hops: hops.map(({ space, at, text, answer, rule }) => ({
      namespace: space,
      at,
      text,
      answer,
      ...(rule ? { rule: ruleView(rule) } : {}),
    })),
  };
}

/** The way as numbered lines, then the verdict. */
export function renderTrace({ hops, verdict }: Trace, from: string, to: string): string {
  const spaceWidth = Math.max(...hops.map(({ space }) => space.length), 4);
  const atWidth = Math.max(...hops.map(({ at }) => at.length), 5);
  let text = `${from} -> ${to}\n`;
  let back = false;
  for (const [at, hop] of hops.entries()) {
    if (hop.answer && !back) text += "the answer:\n";
    else if (!hop.answer && back) text += "passed on:\n";
    back = hop.answer;
    const rule = hop.rule ? ` [${renderRule(hop.rule)}]` : "";
    text += `${`${at + 1}`.padStart(3)}  ${hop.space.padEnd(spaceWidth)}  ${hop.at.padEnd(atWidth)}  ${hop.text}${rule}\n`;
  }
  text += `${verdict.kind}: ${verdict.reason}\n`;
  if (verdict.fix !== undefined) text += `to change that: ${verdict.fix}\n`;
  return text;
}

/** JSON of a probe; packets as numbers. */
export function liveView({ counted, ...rest }: LiveReport): unknown {
  return {
    ...rest,
    milliseconds: Math.round(rest.milliseconds),
    counted: counted.map(({ space, rule, packets, traced }) => ({
      namespace: space,
      rule: ruleView(rule),
      packets: Number(packets),
      traced,
    })),
  };
}

const agreements = {
  yes: "as traced",
  no: "not as traced: something that is not modelled, or has just changed, decides",
  unclear: "which neither confirms nor refutes the trace",
} as const;

/** What a probe has shown, in lines. */
export function renderLive({ sourcePort, outcome, milliseconds, counted, flows, agrees }: LiveReport): string {
  const lines = counted.map(({ space, rule, packets, traced }) => {
    const mark = traced ? "traced " : "also   ";
    return `  ${mark} ${packets} ${packets === 1n ? "packet " : "packets"}  ${space}  ${renderRule(rule)}\n`;
  });
  const kept = flows.map((flow) => `  conntrack of ${flow}\n`);
  return `live: from port ${sourcePort}, ${outcome} after ${Math.round(milliseconds)} ms, ${agreements[agrees]}\n${lines.join("")}${kept.join("")}`;
}
