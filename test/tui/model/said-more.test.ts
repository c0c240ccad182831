// What has no room in the last line.
import t from "tap";
import { textOf } from "../../../tui/draw/cell.ts";
import { asciiGlyphs } from "../../../tui/draw/glyph.ts";
import { drawScreen } from "../../../tui/draw/screenful.ts";
import { house } from "../../../tui/house.ts";
import type { Message } from "../../../tui/model/message.ts";
import { initialState, type State } from "../../../tui/model/state.ts";
import { update } from "../../../tui/model/update.ts";
import { keyOf } from "../../fixture/dashboard.ts";

const fresh = initialState(house, { columns: 80, rows: 24 }, asciiGlyphs, 0);
const after = (state: State, ...messages: readonly Message[]): State =>
  messages.reduce((now, message) => update(house, now, message).state, state);
const press = (state: State, key: string): State => after(state, { kind: "key", key: keyOf(key) });
const screen = (state: State) => drawScreen(house, state).lines.map((line) => textOf(line).trimEnd());
const long = `${"an error of many words ".repeat(8)}(and a remedy)`;
const failing = (text: string): State =>
  after(
    fresh,
    { kind: "command.started", number: 1, words: ["stop", "web"], place: "quiet", atMs: 0 },
    { kind: "command.output", number: 1, text },
    { kind: "command.ended", number: 1, code: 1, atMs: 1 },
  );

t.test("the end of a command that failed: the line says by which key all of it is to be read", async (t) => {
  const failed = failing(`tsns: ${long}\n`);
  const footer = screen(failed).at(-1) ?? "";
  t.match(footer, /^ tsns stop web: an error of .* F8 all of it$/);
  t.ok(footer.length <= 80);
  const shown = press(failed, "f8");
  t.match(screen(shown).join("\n"), /Output[\s\S]*tsns: an error of[\s\S]*\(and a remedy\)/);
  t.equal(press(shown, "escape").dialogs.length, 0);
});

t.test("also where the line has room for the last of several lines", async (t) => {
  t.match(screen(failing("tsns: one thing\ntsns: another\n")).at(-1), /another +F8 all of it$/);
});

t.test("an error of no command", async (t) => {
  const failed = after(fresh, { kind: "failed", text: long });
  t.match(screen(failed).at(-1), /F8 all of it$/);
  const shown = press(failed, "f8");
  t.match(screen(shown).join("\n"), /Said[\s\S]*an error of[\s\S]*\(and a remedy\)/);
  t.equal(press(shown, "escape").dialogs.length, 0);
});

t.test("what is all there needs no key", async (t) => {
  const failed = failing("tsns: no such container\n");
  t.match(screen(failed).at(-1), /^ tsns stop web: no such container$/);
  t.equal(press(failed, "f8").dialogs.length, 0);
  t.equal(press(fresh, "f8").dialogs.length, 0);
});
