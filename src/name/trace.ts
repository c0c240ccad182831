// What one name comes to for a container, step by step, as values and as text. Pure.
import { renderTable } from "../base/table.ts";
import type { Attempt } from "./upstream.ts";

/** One name that was asked, for one type of record. */
export interface TraceStep {
  readonly name: string;
  readonly type: string;
  /** `/etc/hosts`, `network NAME`, `host`, `link`, `upstream ADDRESS`, `nobody`. */
  readonly source: string;
  readonly result: string;
  readonly answers: readonly string[];
  readonly ms: number;
  readonly attempts: readonly Attempt[];
}

export interface NameTrace {
  /** Name of the container. */
  readonly container: string;
  readonly name: string;
  /** Whom its resolv.conf names, what it appends, and for names of how many dots that comes second. */
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** Whom the name server here asks for it what it does not know; empty: nobody, or it is not the one that is asked. */
  readonly upstreams: readonly string[];
  /** Those of them that were silent lately and come last. */
  readonly down: readonly string[];
  readonly steps: readonly TraceStep[];
  readonly found: boolean;
}

export function renderTrace(trace: NameTrace): string {
  const { container, servers, search, ndots, upstreams, down, steps } = trace;
  const asks = servers.length === 0 ? "asks nobody" : `asks ${servers.join(", ")}`;
  const head = [
    `${container} ${asks}${search.length > 0 ? `, search ${search.join(" ")}` : ""}, ndots ${ndots}`,
    ...(upstreams.length > 0 ? [`what is not known here: ${upstreams.map((server) => upstreamText(server, down)).join(", ")}`] : []),
  ];
  const rows = steps.map((step) => [step.name, step.type, step.result, step.source, formatMs(step.ms), answersText(step)]);
  const [title = "", ...lines] = renderTable(["name", "type", "result", "answered by", "time", "answer"], rows).trimEnd().split("\n");
  const body = steps.flatMap((step, at) => [lines[at] ?? "", ...step.attempts.map(attemptText)]);
  return `${[...head, ...(steps.length > 0 ? [title, ...body] : [])].join("\n")}\n`;
}

const upstreamText = (server: string, down: readonly string[]): string => (down.includes(server) ? `${server} (silent lately)` : server);

export const answersText = ({ answers }: Pick<TraceStep, "answers">): string => (answers.length === 0 ? "-" : answers.join(", "));

export function attemptText({ server, protocol, startMs, ms, result }: Attempt): string {
  return `  ${protocol} ${server}, after ${formatMs(startMs)}: ${result} (${formatMs(ms)})`;
}

export const formatMs = (ms: number): string => `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`;
