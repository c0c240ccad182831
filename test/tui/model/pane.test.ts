import t from "tap";
import { textOf } from "../../../tui/draw/cell.ts";
import { unicodeGlyphs } from "../../../tui/draw/glyph.ts";
import { drawScreen } from "../../../tui/draw/screenful.ts";
import { type Mouse, sealPart, sealView, type View } from "../../../tui/model/part.ts";
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

const mouseIn = (state: State, mouse: Mouse) => update(house, state, { kind: "mouse", mouse });
const forPane = (column: number, row: number, code: number) => [{ kind: "pane.mouse", number: 7, mouse: { column, row, code } }];
/** Its inside begins at 1,13 on the screen and is 98x9. */
const pressed: Mouse = { action: "press", column: 1, row: 13, code: 0 };
const release: Mouse = { action: "other", column: 5, row: 14, code: 0, isRelease: true };
const drag: Mouse = { action: "other", column: 5, row: 14, code: 32 };
const hover: Mouse = { action: "other", column: 5, row: 14, code: 35 };
const tracked = update(house, shown, { kind: "pane.shown", number: 7, lines: [], cursor: undefined, scrolled: 0, tracking: "any" }).state;

t.test("the mouse is the program's too, once it has asked for it", async (t) => {
  t.match(mouseIn(tracked, pressed), { effects: forPane(0, 0, 0), state: { focus: "tab", grip: 7 } });
  t.match(mouseIn(tracked, hover).effects, forPane(4, 1, 35));
  t.match(mouseIn(tracked, { ...pressed, action: "other", code: 2 }), { effects: forPane(0, 0, 2), state: { grip: 7 } });
  t.same(mouseIn(shown, hover).effects, [], "one that has not");
  t.equal(mouseIn(shown, release).state, shown);
  t.equal(mouseIn(shown, pressed).state.grip, undefined);
});

t.test("what was pressed there is told to its end, wherever the pointer is", async (t) => {
  const { state: held } = mouseIn(tracked, pressed);
  t.match(mouseIn(held, { ...drag, column: 99, row: 2 }).effects, forPane(97, 0, 32));
  const { state: free, effects } = mouseIn(held, { ...release, column: 0, row: 0 });
  t.match(effects, forPane(0, 0, 0));
  t.match(effects, [{ mouse: { isRelease: true } }]);
  t.equal(free.grip, undefined);
  t.same(mouseIn(free, drag).effects, [], "pressed elsewhere");
  t.same(mouseIn(free, release).effects, []);
  t.same(mouseIn(free, { ...hover, row: 2 }).effects, [], "over the list");
  t.equal(mouseIn(free, { ...pressed, row: 3 }).state.focus, "view");
});

t.test("the frame is not the program's, and one that has ended has no mouse", async (t) => {
  for (const [column, row] of [
    [0, 15],
    [99, 15],
    [5, 22],
  ] as const)
    t.same(mouseIn(tracked, { ...pressed, column, row }).effects, [], `${column},${row}`);
  const { state: ended } = update(house, tracked, { kind: "pane.ended", number: 7, code: 0 });
  t.same(
    [pressed, hover, release].flatMap((mouse) => mouseIn(ended, mouse).effects),
    [],
  );
});
