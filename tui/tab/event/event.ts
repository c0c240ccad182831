// The tab with everything that the chosen event says. Pure.
import type { EventMessage } from "../../../src/engine/event/message.ts";
import { dateTime, shortTime } from "../../draw/amount.ts";
import { fitText, type Line, line, span } from "../../draw/cell.ts";
import { wrapText } from "../../draw/wrap.ts";
import type { Part, Surroundings } from "../../model/part.ts";
import { keyOfEvent, momentOf, roleOfEvent } from "../../view/event/column.ts";
import { drawLines, initialLines, type LinesState, scrollHint, updateLines } from "../lines.ts";

const nano = ({ timeNano }: EventMessage): string => String(timeNano % 1_000_000_000n).padStart(9, "0");

/** Names before values; a long value goes on below itself. */
function field(name: string, value: string, width: number, { size, glyphs }: Surroundings): readonly Line[] {
  return wrapText(value, Math.max(size.columns - width - 2, 8)).map(
    (text, at): Line => [span(`${fitText(at === 0 ? name : "", width, glyphs.cut)}  `, "dim"), span(text)],
  );
}

export function eventLines(event: EventMessage, around: Surroundings): readonly Line[] {
  const atMs = momentOf(event);
  const attributes = Object.entries(event.attributes).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const fields: readonly (readonly [string, string])[] = [
    ["time", `${dateTime(atMs)}.${nano(event)}, ${shortTime(around.nowMs - atMs)} ago`],
    ["id", event.id],
    ...(event.scope === "local" ? [] : [["scope", event.scope] as const]),
    ...attributes,
  ];
  const width = Math.min(Math.max(...fields.map(([name]) => name.length)), Math.floor(around.size.columns / 2));
  const head: Line = [span(`${event.type} `, "strong"), span(event.action, roleOfEvent(event))];
  return [head, ...fields.flatMap(([name, value]) => field(name, value, width, around))];
}

const eventOf = ({ chosen, fed }: Surroundings): EventMessage | undefined =>
  chosen?.kind === "event" ? fed.events?.events.findLast((event) => keyOfEvent(event) === chosen.id) : undefined;

function linesOf(around: Surroundings): readonly Line[] {
  const event = eventOf(around);
  return event ? eventLines(event, around) : [line("it is not remembered any more", "dim")];
}

const ofChosen = ({ chosen }: Surroundings): string => chosen?.id ?? "";

export const eventTab: Part<LinesState> = {
  name: "event",
  title: "Event",
  initial: initialLines,
  needs: () => [{ kind: "events" }],
  update: (state, message, around) => updateLines(state, message, ofChosen(around), linesOf(around), around),
  draw: (state, around) => drawLines(state, ofChosen(around), linesOf(around), around),
  keys: () => [scrollHint],
};
