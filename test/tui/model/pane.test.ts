import t from "tap";
import { textOf } from "../../../tui/draw/cell.ts";
import { unicodeGlyphs } from "../../../tui/draw/glyph.ts";
import { drawScreen } from "../../../tui/draw/screenful.ts";
import { sealPart, sealView, type View } from "../../../tui/model/part.ts";
import { type House, initialState, type State } from "../../../tui/model/state.ts";
import { update } from "../../../tui/model/update.ts";

const quiet = { needs: () => [], keys: () => [] };
const list: View<number> = {
  ...quiet,
  name: "list",
  title: "List",
  initial: 0,
  update: (count, message) =>
    message.kind === "key" && message.key.name === "j" ? { state: count + 1 } : { state: count, isUnused: true },
  draw: (count) => ({ lines: [[{ text: `count ${count}` }]] }),
  chosen: () => undefined,
  targets: () => [],
  tabs: ["tab"],
  actions: [],
};
const tab = sealPart({
  ...quiet,
  name: "tab",
  title: "Tab",
  initial: 0,
  update: (state: number) => ({ state, isUnused: true }),
  draw: () => ({ lines: [] }),
});
const house: House = { views: [sealView(list)], tabs: [tab] };

const screen = (state: State) => drawScreen(house, state).lines.map(textOf).join("\n");
const press = (state: State, name: string) => update(house, state, { kind: "key", key: { name, text: name.length === 1 ? name : "" } });

const first = initialState(house, { columns: 100, rows: 24 }, unicodeGlyphs, 0);
const opened = update(house, first, { kind: "pane.opened", number: 7, words: ["exec", "-it", "web", "sh"] }).state;
const shown = update(house, opened, {
  kind: "pane.shown",
  number: 7,
  lines: [[{ text: "$ echo" }], [{ text: "" }]],
  cursor: { column: 6, row: 0 },
  scrolled: 0,
}).state;

t.test("a pane is a tab with the focus, and its cursor the screen's", async (t) => {
  t.match(screen(shown), /Tab \[exec -it web sh\].*F12 leaves/);
  t.match(screen(shown), /│\$ echo/);
  t.ok(drawScreen(house, shown).cursor);
});

t.test("keys are the program's, but two", async (t) => {
  for (const name of ["q", "1", "tab", "escape", "enter", "C-c", "C-z", "C-p", "?", "+", "up"]) {
    t.match(press(shown, name), { state: { focus: "tab" }, effects: [{ kind: "pane.key", number: 7, key: { name } }] }, name);
  }
  for (const name of ["f12", "C-]"]) {
    const left = press(shown, name);
    t.match(left, { state: { focus: "view" }, effects: [] });
    t.match(screen(left.state), /F12 enters/);
    t.equal(drawScreen(house, left.state).cursor, undefined);
    t.equal(press(left.state, "j").state.parts.list, 1, "keys are the list's again");
    t.match(press(left.state, name).state, { focus: "tab", tab: "pane 7" });
  }
  const zoomed = press(shown, "f11").state;
  t.ok(zoomed.isZoomed);
  t.notMatch(screen(zoomed), "count 0");
  t.equal(press(zoomed, "f12").state.isZoomed, false);
});

t.test("its end is told, Enter takes it away", async (t) => {
  const { state: ended } = update(house, shown, { kind: "pane.ended", number: 7, code: 3 });
  t.match(screen(ended), /\$ echo[\s\S]*ended with 3: Enter closes the pane/);
  const closed = press(ended, "enter");
  t.match(closed, { state: { panes: [], focus: "view" }, effects: [{ kind: "pane.close", number: 7 }] });
  t.notMatch(screen(closed.state), "exec");
  t.same(Object.keys(closed.state.parts).sort(), ["list", "tab"]);
  const late = update(house, closed.state, { kind: "pane.shown", number: 7, lines: [], cursor: undefined, scrolled: 0 });
  t.equal(late.state, closed.state, "what comes late is nothing");
});
