// The tab that says why the chosen container ended, what slows it down while it runs, and how it ended before: what `tsns why` says. Pure.
import { formatAgo, formatDuration } from "../../../src/base/time.ts";
import type { Claim, Grade } from "../../../src/container/why/claim.ts";
import type { LiveWhy } from "../../../src/engine/live/why.ts";
import type { Certificate } from "../../../src/engine/why/death.ts";
import { type Line, line, type Role, span } from "../../draw/cell.ts";
import { wrapText } from "../../draw/wrap.ts";
import type { Part, Surroundings } from "../../model/part.ts";
import { drawLines, initialLines, type LinesState, scrollHint, updateLines } from "../lines.ts";

const gradeRoles: Readonly<Record<Grade, Role>> = { proved: "good", likely: "warning", unknown: "dim" };

/** Text behind a word in front, wrapped beside it. */
function hanging(head: string, role: Role, text: string, columns: number, textRole: Role = "plain"): readonly Line[] {
  return wrapText(text, Math.max(columns - head.length, 10)).map((part, at) => [
    span(at === 0 ? head : " ".repeat(head.length), at === 0 ? role : "plain"),
    span(part, textRole),
  ]);
}

const claimLines = ({ grade, text, evidence, remedy }: Claim, columns: number): readonly Line[] => [
  ...hanging(`  ${grade.padEnd(7)}  `, gradeRoles[grade], text, columns, "strong"),
  ...evidence.flatMap((one) => hanging("           - ", "dim", one, columns)),
  ...(remedy === undefined ? [] : hanging("           do: ", "accent", remedy, columns, "accent")),
];

function endText({ death: { exit, startedMs } }: Certificate, nowMs: number): string {
  const code = exit.signal > 0 ? `code ${exit.exitCode}, signal ${exit.signal}` : `code ${exit.exitCode}`;
  if (exit.finishedMs < startedMs) return `${code}, not started, ${formatAgo(startedMs, nowMs)}`;
  return `${code} after ${formatDuration(exit.finishedMs - startedMs).toLowerCase()}, ${formatAgo(exit.finishedMs, nowMs)}`;
}

export function whyLines(
  { death: { statusText, isLive, restarts, deaths }, slow }: LiveWhy,
  columns: number,
  nowMs: number,
): readonly Line[] {
  const again = restarts > 0 ? `, started again ${restarts} times by its restart policy` : "";
  const [last] = deaths;
  const [shown, before] = isLive || !last ? [undefined, deaths] : [last, deaths.slice(1)];
  const never = !isLive && !last ? [line("  it has never run", "dim")] : [];
  const runs = isLive
    ? [
        line("What slows it down", "heading"),
        ...slow.flatMap((claim) => claimLines(claim, columns)),
        ...(slow.length === 0 ? [line("  nothing is known yet", "dim")] : []),
      ]
    : [];
  const ended = shown
    ? [line(`Its end: ${endText(shown, nowMs)}`, "heading"), ...shown.claims.flatMap((claim) => claimLines(claim, columns))]
    : [];
  const earlier = before.flatMap((one) =>
    hanging("  ", "plain", `${endText(one, nowMs)}: ${one.claims[0]?.text ?? ""} (${one.claims[0]?.grade ?? ""})`, columns),
  );
  return [
    ...wrapText(`${statusText}${again}`, columns).map((text) => line(text, "strong")),
    ...never,
    ...runs,
    ...ended,
    ...(earlier.length === 0 ? [] : [line("Earlier ends, newest first", "heading"), ...earlier]),
  ];
}

function linesOf({ fed, chosen, size, nowMs }: Surroundings): readonly Line[] {
  const why = fed.why && fed.why.id === chosen?.id ? fed.why : undefined;
  if (!why) return [line("reading ...", "dim")];
  return why.why ? whyLines(why.why, size.columns, nowMs) : [line("it is not there any more", "dim")];
}

const ofChosen = ({ chosen }: Surroundings): string => chosen?.id ?? "";

export const whyTab: Part<LinesState> = {
  name: "why",
  title: "Why",
  initial: initialLines,
  needs: (_, { chosen }) => (chosen?.kind === "container" ? [{ kind: "why", id: chosen.id }] : []),
  update: (state, message, around) => updateLines(state, message, ofChosen(around), linesOf(around), around),
  draw: (state, around) => drawLines(state, ofChosen(around), linesOf(around), around),
  keys: () => [scrollHint],
};
