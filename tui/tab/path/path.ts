// The tab with the way of a packet to each published port of the chosen container: from a neighbour on the LAN, and from the host itself. Pure.
import { isLive } from "../../../src/container/record.ts";
import type { PacketPath } from "../../../src/engine/live/path.ts";
import { bracketed } from "../../../src/network/ip.ts";
import { type PortSpec, portsOf } from "../../../src/network/spec.ts";
import type { TraceView } from "../../../src/network/trace/view.ts";
import { clockTime } from "../../draw/amount.ts";
import { type Line, line, type Role, type Span, span } from "../../draw/cell.ts";
import { wrapText } from "../../draw/wrap.ts";
import type { PathFed } from "../../model/need.ts";
import type { Part, Surroundings } from "../../model/part.ts";
import { drawLines, initialLines, type LinesState, scrollHint, updateLines } from "../lines.ts";

interface State {
  readonly lines: LinesState;
  /** Place of the port. */
  readonly at: number;
  readonly round: number;
}

const shownPort = ({ hostIp, hostPort, containerPort, protocol }: PortSpec): string =>
  `${hostIp === "" || hostIp === "0.0.0.0" ? "" : `${bracketed(hostIp)}:`}${hostPort}->${containerPort}${protocol === "tcp" ? "" : `/${protocol}`}`;

/** Ports that packets can be sent to. */
function portsOfChosen({ chosen }: Surroundings): readonly PortSpec[] {
  const state = chosen?.container;
  if (!state || !isLive(state)) return [];
  return portsOf(state.record.run?.endpoints).filter(({ hostPort }) => hostPort > 0);
}

const placeOf = ({ at }: State, ports: readonly PortSpec[]): number => Math.min(at, Math.max(ports.length - 1, 0));

function asksOf(state: State, around: Surroundings): Omit<PathFed, "paths" | "atMs"> | undefined {
  const { chosen } = around;
  const ports = portsOfChosen(around);
  const port = ports[placeOf(state, ports)];
  if (!chosen || !port) return undefined;
  const { hostIp, hostPort, protocol } = port;
  // A new run may have other addresses: it is asked anew.
  const round = `${state.round}.${chosen.container?.record.run?.startedMs ?? 0}`;
  return { id: chosen.id, port: { hostIp, hostPort, protocol }, round };
}

const isOf = (fed: PathFed, asks: Omit<PathFed, "paths" | "atMs">): boolean =>
  fed.id === asks.id &&
  fed.port.hostIp === asks.port.hostIp &&
  fed.port.hostPort === asks.port.hostPort &&
  fed.port.protocol === asks.port.protocol;

const verdictRoles: Readonly<Record<TraceView["verdict"], Role>> = { reachable: "good", blocked: "bad", unknown: "warning" };

/** Under a number, wrapped beside it. */
const stepLines = (head: Line, width: number, text: string, columns: number, role?: Role): readonly Line[] =>
  wrapText(text, Math.max(columns - width, 10)).map(
    (part, at): Line => [...(at === 0 ? head : [span(" ".repeat(width))]), span(part, role)],
  );

function traceLines(trace: TraceView, columns: number): readonly Line[] {
  const lines: Line[] = [];
  let isAnswer = false;
  for (const [at, hop] of trace.hops.entries()) {
    if (hop.answer !== isAnswer) lines.push(line(hop.answer ? "  the answer:" : "  passed on:", "dim"));
    isAnswer = hop.answer;
    const head: Line = [span(`${at + 1}`.padStart(4), "dim"), span(` ${hop.at} `, "accent"), span(`in ${hop.namespace}`, "dim")];
    lines.push(head, ...stepLines([span("     ")], 5, hop.text, columns));
    if (hop.rule)
      lines.push(
        ...stepLines(
          [span("     ")],
          5,
          `${hop.rule.command} ${hop.rule.table} ${hop.rule.chain} ${hop.rule.number === 0 ? "policy" : `#${hop.rule.number}`}`,
          columns,
          "dim",
        ),
      );
  }
  return lines;
}

const senders = { lan: "From a neighbour on the LAN", host: "From this host" } as const;

/** The verdict first, then the steps to it. */
function pathLines({ from, trace, refusal }: PacketPath, columns: number): readonly Line[] {
  if (!trace) return [line(`${senders[from]}: not traced`, "heading"), ...stepLines([span("  ")], 2, refusal ?? "", columns)];
  return [
    [span(`${senders[from]} to ${trace.to}: `, "heading"), span(trace.verdict, verdictRoles[trace.verdict])],
    ...stepLines([span("  ")], 2, trace.reason, columns, verdictRoles[trace.verdict]),
    ...(trace.fix === undefined ? [] : stepLines([span("  do: ", "accent")], 6, trace.fix, columns, "accent")),
    ...traceLines(trace, columns),
  ];
}

function linesOf(state: State, around: Surroundings): readonly Line[] {
  const asks = asksOf(state, around);
  const { chosen, fed, size } = around;
  if (!asks) {
    const state = chosen?.container;
    return [line(state && isLive(state) ? "it publishes no port" : "it does not run: its ports lead nowhere", "dim")];
  }
  const known = fed.path && isOf(fed.path, asks) ? fed.path : undefined;
  if (!known) return [line("following a packet ...", "dim")];
  const lines = known.paths.flatMap((path) => [...pathLines(path, size.columns), line("")]);
  const isWhole = known.paths.length === 2 && known.round === asks.round;
  return [...lines, line(isWhole ? `as of ${clockTime(known.atMs)}` : "following a packet ...", "dim")];
}

/** All ports, with the chosen one in brackets. */
function headOf(state: State, around: Surroundings): readonly Line[] {
  const ports = portsOfChosen(around);
  if (ports.length === 0) return [];
  const at = placeOf(state, ports);
  const shown = ports.map(
    (port, place): Span => (place === at ? span(`[${shownPort(port)}]`, "chosen") : span(` ${shownPort(port)} `, "dim")),
  );
  // The chosen one is seen, whatever stands before it.
  let from = 0;
  const width = (spans: readonly Span[]) => spans.reduce((sum, { text }) => sum + text.length, 0);
  while (from < at && width(shown.slice(from, at + 1)) > around.size.columns - 6) from++;
  return [[span("Port  ", "heading"), ...shown.slice(from)]];
}

const ofShown = (state: State, around: Surroundings): string =>
  JSON.stringify(asksOf(state, around)?.port ?? "") + (around.chosen?.id ?? "");

export const pathTab: Part<State> = {
  name: "path",
  title: "Path",
  initial: { lines: initialLines, at: 0, round: 0 },
  needs(state, around) {
    const asks = asksOf(state, around);
    return asks ? [{ kind: "path", ...asks }] : [];
  },
  update(state, message, around) {
    const ports = portsOfChosen(around);
    if (message.kind === "key" && ports.length > 0) {
      const { name } = message.key;
      const by = name === "left" ? -1 : name === "right" ? 1 : 0;
      if (by !== 0) return { state: { ...state, at: (placeOf(state, ports) + by + ports.length) % ports.length } };
      if (name === "R") return { state: { ...state, round: state.round + 1 } };
    }
    const head = headOf(state, around).length;
    const change = updateLines(state.lines, message, ofShown(state, around), linesOf(state, around), around, head);
    return { ...change, state: { ...state, lines: change.state } };
  },
  draw: (state, around) => drawLines(state.lines, ofShown(state, around), linesOf(state, around), around, headOf(state, around)),
  keys: () => [{ key: "Left Right", does: "another port", isShown: true }, { key: "R", does: "trace again", isShown: true }, scrollHint],
};
