import t from "tap";
import { textOf } from "../../../tui/draw/cell.ts";
import { renderGauge, renderMeter, roleOfShare } from "../../../tui/draw/gauge.ts";
import { asciiGlyphs, unicodeGlyphs } from "../../../tui/draw/glyph.ts";

t.test("renderGauge", async (t) => {
  const shares = [0, 0.12, 0.13, 0.5, 1, 7, -1, Number.NaN];
  t.same(
    shares.map((share) => renderGauge(share, 4, asciiGlyphs)),
    ["....", "....", "#...", "##..", "####", "####", "....", "...."],
  );
  t.equal(renderGauge(0.5, 4, unicodeGlyphs), "██░░");
});

t.test("renderMeter: parts with signs of their own where there are no colours", async (t) => {
  const meter = {
    title: "cpu0",
    parts: [
      { share: 0.25, role: "series1", sign: "u" },
      { share: 0.5, role: "series2", sign: "s" },
    ],
    text: "75.0%",
  } as const;
  const drawn = (columns: number, glyphs = asciiGlyphs) => textOf(renderMeter(meter, { title: 5, text: 6 }, columns, glyphs));
  t.equal(drawn(23), "cpu0  [uussss..] 75.0% ");
  t.equal(drawn(23, unicodeGlyphs), "cpu0  [██████░░] 75.0% ");
  t.equal(drawn(15), "cpu0  75.0%    ", "no bar where it has no room");
  t.equal(drawn(8), "cpu0  7~");
  t.equal(renderMeter(meter, { title: 5, text: 6 }, 23, asciiGlyphs)[2]?.role, "series1");
});

t.test("what is nearly used up looks so", async (t) => {
  t.same([0.5, 0.8, 0.95].map(roleOfShare), ["bar", "warning", "bad"]);
});
