// What the screens look like, to the letter: each scene at three sizes, as text. `UPDATE=1` writes what they look like now; whoever does
// that reads them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { displayWidth } from "../../src/base/text.ts";
import { asciiGlyphs, unicodeGlyphs } from "../../tui/draw/glyph.ts";
import { house } from "../../tui/house.ts";
import { type Scene, scenesOf, sizes } from "./stage/scene.ts";
import { openStage } from "./stage/stage.ts";
import { makeWorld } from "./stage/world.ts";

process.env.TZ = "UTC";

const folder = join(import.meta.dirname, "golden");
const isUpdate = process.env.UPDATE === "1";
const [containers] = house.views;
const scenes = scenesOf(
  house.views.map(({ name }) => name),
  (containers?.tabs ?? []).filter((name) => house.tabs.some((tab) => tab.name === name)),
);

/** What has a layout of its own at each size; the smallest one in ASCII as well: signs are all that differs. */
function render({ name, count, keys }: Scene): string {
  const wanted = /^(view|count)-/.test(name) ? sizes : sizes.slice(0, 1);
  const looks = [
    ...wanted.map((size) => ({ size, glyphs: unicodeGlyphs })),
    ...sizes.slice(0, 1).map((size) => ({ size, glyphs: asciiGlyphs })),
  ];
  return looks
    .map(({ size, glyphs }) => {
      const stage = openStage(makeWorld(count), { size, glyphs });
      stage.press(...keys);
      return `== ${size.columns}x${size.rows}${glyphs.isAscii ? " ASCII" : ""}\n${stage.screen()}`;
    })
    .join("");
}

if (isUpdate) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

for (const scene of scenes) {
  t.test(scene.name, async (t) => {
    const path = join(folder, `${scene.name}.txt`);
    const shown = render(scene);
    if (isUpdate) writeFileSync(path, shown);
    t.equal(shown, existsSync(path) ? readFileSync(path, "utf8") : "", "UPDATE=1 writes it anew");
    const ascii = shown.slice(shown.indexOf(" ASCII\n"));
    t.notMatch(ascii, /[^\n\x20-\x7e]/, "nothing else than ASCII where there is nothing else");
    for (const [line = ""] of shown.matchAll(/.+/g)) if (displayWidth(line) > 200) t.fail(`too wide: ${line}`);
  });
}

t.test("nothing is kept of scenes that are none any more", async (t) => {
  t.same(readdirSync(folder).sort(), scenes.map(({ name }) => `${name}.txt`).sort());
});
