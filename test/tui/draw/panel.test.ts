import t from "tap";
import { line, span, textOf } from "../../../tui/draw/cell.ts";
import { asciiGlyphs } from "../../../tui/draw/glyph.ts";
import { layered, panel } from "../../../tui/draw/panel.ts";

const look = { title: [span("Things")], isFocused: false, glyphs: asciiGlyphs };

t.test("panel", async (t) => {
  const { lines, cursor } = panel({ lines: [line("one"), line("much too long")], cursor: { column: 1, row: 0 } }, look, {
    columns: 12,
    rows: 5,
  });
  t.same(lines.map(textOf), ["+- Things -+", "|one       |", "|much too l|", "|          |", "+----------+"]);
  t.same(cursor, { column: 2, row: 1 });
});

t.test("a note is cut where it has little room, and away where it has none", async (t) => {
  const edge = (columns: number) =>
    textOf(panel({ lines: [] }, { ...look, note: [span("what there is to say")] }, { columns, rows: 3 }).lines[0] ?? []);
  t.same([40, 34, 26, 20, 12].map(edge), [
    "+- Things ------ what there is to say -+",
    "+- Things  what there is to say -+",
    "+- Things  what there ~ -+",
    "+- Things ---------+",
    "+- Things -+",
  ]);
});

t.test("what lies above hides what is below, its charts too", async (t) => {
  const chart = (left: number) => ({
    area: { left, top: 0, columns: 4, rows: 2 },
    title: "",
    series: [],
    top: 1,
    renderValue: String,
    from: "",
    to: "",
  });
  const size = { columns: 10, rows: 3 };
  const drawn = layered(size, [
    {
      area: { left: 0, top: 0, ...size },
      drawn: { lines: ["abcdefghij", "klmn世界st", "0123456789"].map((text) => line(text)), charts: [chart(0), chart(6)] },
    },
    { area: { left: 3, top: 1, columns: 2, rows: 1 }, drawn: { lines: [line("##")] } },
  ]);
  t.same(drawn.lines.map(textOf), ["abcdefghij", "klm## 界st", "0123456789"]);
  t.same(
    drawn.charts?.map(({ area }) => area.left),
    [6],
  );
});
