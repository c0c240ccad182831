// The manual page has every key of every part, as the help overlay has them. `UPDATE=1` writes these sections of its prose anew; the page
// itself is `cmds/man.ts`'s.
import { readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import { asciiGlyphs } from "../../tui/draw/glyph.ts";
import { house } from "../../tui/house.ts";
import { helpSections } from "../../tui/model/overlay.ts";
import type { KeyHint, SealedPart } from "../../tui/model/part.ts";
import { initialState } from "../../tui/model/state.ts";
import { treeHints } from "../../tui/model/tree.ts";
import { listHints } from "../../tui/view/listing.ts";
import { makeSurroundings } from "../fixture/dashboard.ts";

const path = new URL("../../man/prose/tsns-tui.md", import.meta.url);
const state = initialState(house, { columns: 160, rows: 50 }, asciiGlyphs, 0);

const item = ({ key, does }: KeyHint): string => `- \`${key}\`: ${does}\n`;

/** Keys that many parts have alike stand once. */
const common = new Set([...listHints, ...treeHints].map(item));

function section(title: string, hints: readonly KeyHint[]): string {
  const own = hints.map(item);
  return own.length === 0 ? "" : `# ${title}\n\n${own.join("")}\n`;
}

const withoutCommon = (hints: readonly KeyHint[]): readonly KeyHint[] => hints.filter((hint) => !common.has(item(hint)));

function sections(): string {
  const everywhere = helpSections(house, state).at(-1)?.hints ?? [];
  const views = house.views.map((view) => {
    const found = helpSections(house, { ...state, view: view.name }).filter(({ title }) => title.startsWith(view.title));
    return section(`Keys of the view ${view.title}`, withoutCommon(found.flatMap(({ hints }) => hints)));
  });
  const tabs = house.tabs.map((tab: SealedPart) =>
    section(`Keys of the tab ${tab.title}`, withoutCommon(tab.keys(tab.initial, makeSurroundings()))),
  );
  const lists = section("Keys of lists", listHints);
  const trees = section("Keys of trees", treeHints);
  return [section("Keys everywhere", everywhere), lists, trees, ...views, ...tabs].join("");
}

t.test("all keys", async (t) => {
  const page = readFileSync(path, "utf8");
  const from = page.indexOf("# Keys everywhere\n");
  const to = page.indexOf("# Files\n");
  t.ok(from > 0 && to > from, "the page has its sections");
  const wanted = sections();
  if (process.env.UPDATE === "1") writeFileSync(path, page.slice(0, from) + wanted + page.slice(to));
  else t.equal(page.slice(from, to), wanted, "UPDATE=1 writes them anew, cmds/man.ts the page");
});
