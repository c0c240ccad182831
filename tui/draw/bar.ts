// The first and the last line of the screen: the views and how things stand, what keys do or what has just happened. Pure.
import { isLive } from "../../src/container/record.ts";
import { listedCommands } from "../model/command-list.ts";
import type { KeyHint } from "../model/part.ts";
import { hasMore, moreKey } from "../model/said-more.ts";
import type { House, Said, State } from "../model/state.ts";
import { clockTime } from "./amount.ts";
import { fitText, type Line, type Span, span, visible, widthOf } from "./cell.ts";

interface ViewName {
  readonly name: string;
  readonly spans: Line;
  readonly from: number;
  readonly to: number;
}

/** Names of views with their numbers, and the columns each of them takes; short ones where the whole line has no room otherwise. */
export function viewNames(house: House, state: State): readonly ViewName[] {
  const whole = house.views.reduce((sum, { title }) => sum + title.length + 4, 0);
  const isShort = whole + widthOf(statusOf(state, "long")) > state.size.columns;
  let from = 0;
  return house.views.map(({ name, title, short = title.slice(0, 3) }, place) => {
    const isHere = name === state.view;
    const shown = isShort && !isHere ? short : title;
    // The brackets say where one is where there are no colours.
    const text = isHere ? `[${place + 1} ${shown}]` : ` ${place + 1} ${shown} `;
    const at = { name, spans: [span(text, isHere ? "chosen" : "title")], from, to: from + text.length };
    from = at.to;
    return at;
  });
}

const lengths = ["long", "medium", "little", "none"] as const;

/** Commands that have not ended; empty without any. */
function renderUnderWay({ commands }: State): string {
  const all = listedCommands(commands).filter(({ code }) => code === undefined);
  const waiting = all.filter(({ isWaiting }) => isWaiting === true).length;
  const running = all.length - waiting;
  const runs = running === 0 ? "" : running === 1 ? "1 command runs" : `${running} commands run`;
  return [runs, ...(waiting > 0 ? [`${waiting} wait`] : [])].filter((words) => words !== "").join(", ");
}

/** The machine, how many containers run, the time: in as many words as asked for. */
function statusOf(state: State, length: (typeof lengths)[number]): Line {
  const note = renderUnderWay(state);
  const containers = state.fed.containers?.containers;
  const running = containers?.filter(isLive).length ?? 0;
  const stopped = (containers?.length ?? 0) - running;
  const isLong = length === "long";
  const counts = containers === undefined ? "" : isLong ? `${running} running, ${stopped} stopped` : `${running} up ${stopped} down`;
  const host = length === "little" ? "" : visible(state.hostname ?? "");
  const words = [note, host, counts, clockTime(state.nowMs).slice(0, 5)].filter((word) => word !== "");
  return length === "none" ? [span(note, "title")] : [span(`${words.join(isLong ? "  " : " ")} `, "title")];
}

/** The line on top. */
export function renderBar(house: House, state: State): Line {
  const names = viewNames(house, state).flatMap(({ spans }) => spans);
  const room = state.size.columns - widthOf(names);
  const status = lengths.map((length) => statusOf(state, length)).find((candidate) => widthOf(candidate) <= room);
  return status ? [...names, span(" ".repeat(room - widthOf(status)), "title"), ...status] : names;
}

/** The line at the bottom. */
export function renderFooter(state: State, hints: readonly KeyHint[]): Line {
  if (state.said) return saidLine(state, state.said);
  const shown = hints.filter(({ isShown }) => isShown);
  // Whatever has no room stands there.
  const help = shown.filter(({ key }) => key === "?").flatMap(hintSpans);
  const spans: Span[] = [];
  let room = state.size.columns - widthOf(help);
  for (const hint of shown) {
    const more = hint.key === "?" ? [] : hintSpans(hint);
    room -= widthOf(more);
    if (room < 0) break;
    spans.push(...more);
  }
  return [...spans, ...help];
}

/** What has no room is to be had by a key, which stands at the end. */
function saidLine(state: State, { text, role }: Said): Line {
  if (!hasMore(state)) return [span(" ", role), span(text, role)];
  const more = hintSpans({ key: moreKey.shown, does: "all of it" });
  const room = Math.max(state.size.columns - widthOf(more) - 1, 0);
  return [span(" ", role), span(fitText(text, room, state.glyphs.cut), role), ...more];
}

const hintSpans = ({ key, does }: KeyHint): readonly Span[] => [span(` ${key}`, "key"), span(` ${does} `, "plain")];
