// What is said of leaving a container that one is attached to.
import t from "tap";
import { asciiGlyphs } from "../../../tui/draw/glyph.ts";
import { house } from "../../../tui/house.ts";
import { initialState } from "../../../tui/model/state.ts";
import { update } from "../../../tui/model/update.ts";
import { wayOutOf } from "../../../tui/model/way-out.ts";
import { runningRow } from "../../fixture/dashboard.ts";
import { makeRecord, makeSpec } from "../../fixture/request.ts";

const stateOf = (name: string, tty: boolean, detachKeys = "ctrl-p,ctrl-q") => {
  const { container } = runningRow(name, { record: makeRecord({ id: name.padEnd(64, "0"), name, spec: makeSpec({ tty, detachKeys }) }) });
  if (!container) throw new Error("no container");
  return container;
};
const containers = [stateOf("web", false), stateOf("chat", true), stateOf("odd", true, "ctrl-a,x"), stateOf("none", true, "")];

t.test("by its terminal, by its keys", async (t) => {
  for (const [words, text] of [
    ["attach --sig-proxy=false web", "C-c leaves web, which goes on"],
    ["container attach web", "C-c is passed on to web, and as a rule ends it; with --sig-proxy=false it leaves"],
    ["attach chat", "C-p C-q leaves chat, which goes on"],
    ["attach chat000", "C-p C-q leaves chat, which goes on"],
    ["attach odd", "C-a x leaves odd, which goes on"],
    ["attach --detach-keys ctrl-x chat", "C-x leaves chat, which goes on"],
    ["attach --detach-keys=ctrl-x,ctrl-z chat", "C-x C-z leaves chat, which goes on"],
    ["attach none", "no keys leave none: --detach-keys is empty"],
    ["attach unknown", undefined],
    ["attach", undefined],
    ["stop web", undefined],
  ] as const) {
    t.equal(wayOutOf(words.split(" "), containers)?.text, text, words);
  }
});

t.test("it is said when the pane opens, and stays among its keys", async (t) => {
  let state = { ...initialState(house, { columns: 100, rows: 30 }, asciiGlyphs, 0), fed: { containers: { containers } } };
  const words = ["attach", "--sig-proxy=false", "web"];
  state = update(house, state, { kind: "command.started", number: 1, words, place: "pane", atMs: 1 }).state as typeof state;
  t.equal(state.said?.text, "tsns attach --sig-proxy=false web: C-c leaves web, which goes on");
  state = update(house, state, { kind: "pane.opened", number: 1, words }).state as typeof state;
  const { drawScreen } = await import("../../../tui/draw/screenful.ts");
  const { textOf } = await import("../../../tui/draw/cell.ts");
  const footer = drawScreen(house, { ...state, said: undefined })
    .lines.map(textOf)
    .at(-1);
  t.match(footer, /^ C-c detach +F12 leave the program/);
});
