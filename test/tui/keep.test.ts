import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { unicodeGlyphs } from "../../tui/draw/glyph.ts";
import { keptPath, readLayout, restoreLayout, saveLayout, writeLayout } from "../../tui/keep.ts";
import { type Part, sealPart, sealView, type View } from "../../tui/model/part.ts";
import { type House, initialState } from "../../tui/model/state.ts";

const part = (name: string): Part<string> => ({
  name,
  title: name,
  initial: "first",
  needs: () => [],
  update: (state) => ({ state }),
  draw: () => ({ lines: [] }),
  keys: () => [],
  keep: {
    save: (state) => ({ word: state }),
    restore: (kept) => (kept as { word: string }).word.toLowerCase(),
  },
});
const view = (name: string): View<string> => ({ ...part(name), chosen: () => undefined, targets: () => [], tabs: ["tab"], actions: [] });
const house: House = { views: [sealView(view("one")), sealView(view("two"))], tabs: [sealPart(part("tab"))] };
const first = initialState(house, { columns: 80, rows: 24 }, unicodeGlyphs, 0);
const changed = { ...first, view: "two", share: 0.3, isZoomed: true, parts: { one: "first", two: "SECOND", tab: "third" } };

t.test("what is kept comes back", async (t) => {
  const restored = restoreLayout(house, first, saveLayout(house, changed));
  t.match(restored, { view: "two", share: 0.3, isZoomed: true, parts: { one: "first", two: "second", tab: "third" } });
});

t.test("garbage, other versions, views that are gone and parts that trip", async (t) => {
  const kept = JSON.parse(saveLayout(house, changed));
  const restore = (change: object) => restoreLayout(house, first, JSON.stringify({ ...kept, ...change }));
  for (const text of ["", "{", "null", "[]", "3", '"x"', "{}", "\0\0\0"]) t.equal(restoreLayout(house, first, text), undefined, text);
  for (const change of [{ version: 2 }, { share: "0.5" }, { share: 7 }, { share: null }, { view: 1 }, { parts: null }, { isZoomed: 1 }]) {
    t.equal(restore(change), undefined, JSON.stringify(change));
  }
  t.match(restore({ view: "gone", tab: "gone" }), { view: "one", tab: "tab" });
  t.match(restore({ parts: { one: 3, two: null, tab: { word: "ok" }, __proto__: 1 } }), {
    parts: { one: "first", two: "first", tab: "ok" },
  });
});

t.test("in a file", async (t) => {
  const folder = t.testdir({});
  const path = keptPath({ XDG_STATE_HOME: folder, HOME: "/nowhere" }) ?? "";
  t.equal(path, join(folder, "tsns/tui.json"));
  t.equal(readLayout(house, first, path), first, "none yet");
  writeLayout(house, changed, path);
  writeLayout(house, { ...changed, share: 0.7 }, path);
  t.same(readdirSync(join(folder, "tsns")), ["tui.json"], "no draft is left");
  t.match(readLayout(house, first, path), { view: "two", share: 0.7, said: undefined });
  writeFileSync(path, "garbage");
  const garbage = readLayout(house, first, path);
  t.match(garbage, { view: "one", said: { text: `the layout kept in ${path} is not understood; it begins anew` } });
  const unreadable = join(folder, "folder");
  mkdirSync(unreadable);
  t.match(readLayout(house, first, unreadable).said?.text, /cannot be read/);
});

t.test("what was entered is kept with it, but no secret, for its owner alone", async (t) => {
  const path = join(t.testdir({}), "tsns/tui.json");
  const entered = { command: ["ps -a", "run -e PASSWORD=hush bb", "top web"], image: ["bb"] };
  const umask = process.umask(0);
  writeLayout(house, { ...changed, entered }, path);
  process.umask(umask);
  t.equal(statSync(path).mode & 0o777, 0o600);
  t.notMatch(readFileSync(path, "utf8"), "hush");
  t.match(readLayout(house, first, path).entered, { command: ["ps -a", "top web"], image: ["bb"] });
  writeLayout(house, { ...changed, entered: { command: ["images"] } }, path);
  t.same(readLayout(house, first, path).entered, { command: ["ps -a", "top web", "images"], image: ["bb"] }, "what two dashboards kept");
  const kept = JSON.parse(readFileSync(path, "utf8"));
  const { entered: _, ...older } = kept;
  t.match(restoreLayout(house, first, JSON.stringify(older)), { share: 0.3, entered: {} }, "by one that kept nothing of it");
  t.match(restoreLayout(house, first, JSON.stringify({ ...kept, entered: "x" })), { share: 0.3, entered: {} });
});

t.test("what is no file, or none of ours", async (t) => {
  const folder = t.testdir({});
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  t.match(readLayout(house, first, pipe).said?.text, /cannot be read/, "nobody waits for its writer");
  const huge = join(folder, "huge");
  writeFileSync(huge, "");
  truncateSync(huge, 1 << 30);
  t.match(readLayout(house, first, huge).said?.text, /cannot be read/);
  writeLayout(house, changed, huge);
  t.match(readLayout(house, first, huge), { view: "two", said: undefined });
});

t.test("where nothing can be kept", async (t) => {
  t.equal(keptPath({}), undefined);
  t.equal(keptPath({ XDG_STATE_HOME: "relative", HOME: "/home/a" }), "/home/a/.local/state/tsns/tui.json");
  writeLayout(house, changed, undefined);
  writeLayout(house, changed, "/dev/null/tsns/tui.json");
  writeLayout(house, changed, "/proc/tsns/tui.json");
  t.equal(readLayout(house, first, undefined), first);
  t.equal(readLayout(house, first, "/dev/null/tsns/tui.json"), first);
  const folder = t.testdir({ "tui.json": { inside: "" } });
  writeLayout(house, changed, join(folder, "tui.json"));
  t.same(readdirSync(folder), ["tui.json"], "a folder in the way, and no draft");
  t.equal(readFileSync(join(folder, "tui.json/inside"), "utf8"), "");
  chmodSync(folder, 0o700);
});
