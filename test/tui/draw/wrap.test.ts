import t from "tap";
import { wrapText } from "../../../tui/draw/wrap.ts";

t.test("lines of so many columns, broken at blanks where there are some", async (t) => {
  t.same(wrapText("", 5), [""]);
  t.same(wrapText("one two three", 8), ["one two", "three"]);
  t.same(wrapText("one two three", 7), ["one two", "three"]);
  t.same(wrapText("abcdefgh", 3), ["abc", "def", "gh"]);
  t.same(wrapText("a bcdefghij", 6), ["a bcde", "fghij"]);
  t.same(wrapText("世界世界", 5), ["世界", "世界"]);
  t.same(wrapText("世", 1), ["世"], "what has no room stays");
  t.same(wrapText("\x1b[31m", 4), ["\\x1b", "[31m"]);
});
