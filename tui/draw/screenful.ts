// The whole screen of a state, as one drawing. Pure.
import { globalHints } from "../model/global-key.ts";
import { isTooSmall, layoutOf, leastScreen } from "../model/layout.ts";
import type { Dialog, KeyHint, Surroundings } from "../model/part.ts";
import { type House, hasSubject, type State, surroundingsOf, tabOf, viewOf } from "../model/state.ts";
import { renderBar, renderFooter } from "./bar.ts";
import { type Area, type Drawn, type Line, line, type Size, span } from "./cell.ts";
import { insideOf, layered, type Placed, panel } from "./panel.ts";
import { tabTitles } from "./tab-title.ts";
import { wrapText } from "./wrap.ts";

/** A dialog lies in the middle, as large as it wants and the screen has room. */
export function dialogArea({ wants }: Dialog, screen: Size): Area {
  const asked = wants(screen);
  const size = { columns: Math.min(asked.columns, screen.columns), rows: Math.min(asked.rows, screen.rows) };
  return { left: Math.floor((screen.columns - size.columns) / 2), top: Math.floor((screen.rows - size.rows) / 2), ...size };
}

/** What keys do where the focus is. */
export function hintsOf(house: House, state: State): readonly KeyHint[] {
  const dialog = state.dialogs.at(-1);
  const layout = layoutOf(house, state);
  const view = viewOf(house, state);
  if (dialog) return dialog.part.keys(dialog.state, surroundingsOf(house, state, insideOf(dialogArea(dialog, state.size)), true));
  const tab = state.focus === "tab" ? tabOf(house, state) : undefined;
  const own = tab
    ? tab.keys(state.parts[tab.name], surroundingsOf(house, state, insideOf(layout.tab ?? state.size), true))
    : view.keys(state.parts[view.name], surroundingsOf(house, state, insideOf(layout.view ?? state.size), true));
  // A program's keys are all its own.
  return tab?.isFree ? own : [...own, ...globalHints(house, state)];
}

const titleLine = (house: House, state: State, columns: number): Line =>
  tabTitles(house, state, columns).flatMap(({ text, isShown }, place) => [
    ...(place > 0 ? [span(" ", "border")] : []),
    span(text, isShown ? "strong" : "dim"),
  ]);

function placeView(house: House, state: State, area: Area): Placed {
  const view = viewOf(house, state);
  const isFocused = state.focus === "view" && state.dialogs.length === 0;
  const around = surroundingsOf(house, state, insideOf(area), isFocused);
  const own = state.parts[view.name];
  const note = view.note?.(own, around) ?? [];
  const look = { title: [span(view.title, "strong")], note, isFocused, glyphs: state.glyphs };
  return { area, drawn: panel(view.draw(own, around), look, area) };
}

/** A tab about one row, and none is chosen. */
function absentLines(house: House, state: State, around: Surroundings): readonly Line[] {
  const view = viewOf(house, state);
  const said = view.absent?.(state.parts[view.name], around) ?? ["nothing is chosen"];
  return said.flatMap((text) => wrapText(text, around.size.columns).map((part) => line(part, "dim")));
}

function placeTab(house: House, state: State, area: Area): readonly Placed[] {
  const tab = tabOf(house, state);
  if (!tab) return [];
  const isFocused = state.focus === "tab" && state.dialogs.length === 0;
  const around = surroundingsOf(house, state, insideOf(area), isFocused);
  const inner = hasSubject(tab, around) ? tab.draw(state.parts[tab.name], around) : { lines: absentLines(house, state, around) };
  const about = around.chosen ? [span(around.chosen.reference, "accent")] : [];
  const note = tab.note?.(state.parts[tab.name], around) ?? about;
  return [{ area, drawn: panel(inner, { title: titleLine(house, state, area.columns), note, isFocused, glyphs: state.glyphs }, area) }];
}

function placeDialog(house: House, state: State, dialog: Dialog, isTop: boolean): Placed {
  const area = dialogArea(dialog, state.size);
  const inner = dialog.part.draw(dialog.state, surroundingsOf(house, state, insideOf(area), isTop));
  return { area, drawn: panel(inner, { title: [span(dialog.part.title, "strong")], isFocused: isTop, glyphs: state.glyphs }, area) };
}

export function drawScreen(house: House, state: State): Drawn {
  if (isTooSmall(state.size)) {
    return layered(state.size, [
      {
        area: { left: 0, top: 0, ...state.size },
        drawn: { lines: [line("too small"), line(`${leastScreen.columns}x${leastScreen.rows} is needed`)] },
      },
    ]);
  }
  const layout = layoutOf(house, state);
  return layered(state.size, [
    { area: layout.bar, drawn: { lines: [renderBar(house, state)] } },
    ...(layout.view ? [placeView(house, state, layout.view)] : []),
    ...(layout.tab ? placeTab(house, state, layout.tab) : []),
    { area: layout.footer, drawn: { lines: [renderFooter(state, hintsOf(house, state))] } },
    ...state.dialogs.map((dialog, place) => placeDialog(house, state, dialog, place === state.dialogs.length - 1)),
  ]);
}
