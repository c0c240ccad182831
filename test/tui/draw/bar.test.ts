import t from "tap";
import { renderBar, renderFooter, viewNames } from "../../../tui/draw/bar.ts";
import { textOf } from "../../../tui/draw/cell.ts";
import { unicodeGlyphs } from "../../../tui/draw/glyph.ts";
import { house } from "../../../tui/house.ts";
import { initialState, type State } from "../../../tui/model/state.ts";
import { makeEntry } from "../../fixture/dashboard.ts";
import { fleet } from "../../fixture/fleet.ts";

const noon = new Date(2026, 0, 2, 12, 0, 30).getTime();
const stateAt = (columns: number, given: Partial<State> = {}): State => ({
  ...initialState(house, { columns, rows: 24 }, unicodeGlyphs, noon),
  hostname: "harbour",
  fed: { containers: { containers: fleet } },
  ...given,
});
const bar = (columns: number, given: Partial<State> = {}) => textOf(renderBar(house, stateAt(columns, given)));

t.test("as many words as there is room for", async (t) => {
  t.equal(bar(80), "[1 Containers] 2 Img  3 Net  4 Vol  5 Host  6 Evt  7 Cmd      3 up 1 down 12:00 ");
  t.equal(bar(86), "[1 Containers] 2 Img  3 Net  4 Vol  5 Host  6 Evt  7 Cmd    harbour 3 up 1 down 12:00 ");
  t.equal(bar(60, { view: "events" }), " 1 Ctr  2 Img  3 Net  4 Vol  5 Host [6 Events] 7 Cmd        ");
  for (const columns of [40, 79, 100, 117, 200]) t.ok(bar(columns).length <= Math.max(columns, 57), `${columns}`);
  t.match(bar(140), / 7 Commands +harbour {2}3 running, 1 stopped {2}12:00 $/);
});

t.test("commands that run, containers that are not known yet, a name with an escape", async (t) => {
  const commands = [makeEntry(["pull", "x"], { code: undefined })];
  t.match(bar(200, { commands }), /1 command runs {2}harbour {2}3 running/);
  t.match(bar(200, { fed: {}, hostname: "a\x1b[2J" }), /7 Commands +a\\x1b\[2J {2}12:00 $/);
});

t.test("a press on a name finds its view", async (t) => {
  for (const { text, from, to } of viewNames(house, stateAt(80)).map(({ spans, from, to }) => ({ text: textOf(spans), from, to })))
    t.equal(bar(80).slice(from, to), text);
});

t.test("what keys do, as far as it fits; what has happened instead", async (t) => {
  const hints = [
    { key: "a", does: "one", isShown: true },
    { key: "b", does: "two" },
    { key: "c", does: "three", isShown: true },
  ];
  t.equal(textOf(renderFooter(stateAt(80), hints)), " a one  c three ");
  t.equal(textOf(renderFooter(stateAt(10), hints)), " a one ");
  t.equal(textOf(renderFooter(stateAt(80, { said: { text: "done", role: "good" } }), hints)), " done");
});
