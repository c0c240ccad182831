import t from "tap";
import { asciiGlyphs } from "../../../tui/draw/glyph.ts";
import { house } from "../../../tui/house.ts";
import { helpSections, overlayEffects } from "../../../tui/model/overlay.ts";
import { initialState } from "../../../tui/model/state.ts";
import { dialogIn, openDialog } from "../../fixture/dashboard.ts";

const state = initialState(house, { columns: 80, rows: 24 }, asciiGlyphs, 0);

t.test("generated of the parts and the tables of actions", async (t) => {
  const sections = helpSections(house, state);
  t.equal(sections[0]?.title, "Containers");
  t.match(
    sections.find(({ title }) => title === "Containers: what can be done")?.hints.find(({ does }) => does === "remove"),
    { key: "d Del" },
  );
  t.ok(sections.at(-1)?.hints.some(({ key }) => key === "q"));
  const ofTab = helpSections(house, { ...state, view: "commands", focus: "tab" });
  t.equal(ofTab[0]?.title, "Output", "the tab that has the focus comes first");
});

t.test("scrolled and searched", async (t) => {
  const dialog = openDialog(dialogIn(overlayEffects(house, state, "?") ?? []));
  t.equal(dialog.lines()[0], "Containers");
  dialog.press("end");
  t.match(dialog.lines().join("\n"), /q +quit/);
  dialog.press("/");
  dialog.type("limits");
  t.match(dialog.lines(), ["Containers: what can be done", /^ {2}u +change limits$/]);
  t.match(dialog.cursor(), { row: dialog.size().rows - 3 });
  dialog.press("enter");
  t.same(dialog.press("escape"), [], "away with the search first");
  t.equal(dialog.lines()[0], "Containers");
  t.same(dialog.press("?"), [{ kind: "close" }]);
  dialog.press("/");
  dialog.type("no such key");
  t.equal(dialog.lines()[0], "no key does that");
});
