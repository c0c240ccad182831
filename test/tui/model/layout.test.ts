import t from "tap";
import { asciiGlyphs } from "../../../tui/draw/glyph.ts";
import { house } from "../../../tui/house.ts";
import { layoutOf } from "../../../tui/model/layout.ts";
import { initialState } from "../../../tui/model/state.ts";

t.test("a tab stands below its view until there is room beside it, or no height", async (t) => {
  const placed = (columns: number, rows: number) => {
    const { view, tab } = layoutOf(house, initialState(house, { columns, rows }, asciiGlyphs, 0));
    if (!view || !tab) return "one";
    return view.top === tab.top ? "beside" : "below";
  };
  t.equal(placed(80, 24), "below");
  t.equal(placed(160, 50), "below");
  t.equal(placed(160, 30), "beside");
  t.equal(placed(200, 60), "beside");
  t.equal(placed(80, 11), "one");
});
