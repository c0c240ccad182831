import t from "tap";
import { drawField, type Field, fieldOf, updateField } from "../../../tui/dialog/field.ts";
import { textOf } from "../../../tui/draw/cell.ts";
import { keyOf } from "../../fixture/dashboard.ts";

const press = (field: Field, ...names: readonly string[]): Field =>
  names.reduce((state, name) => updateField(state, keyOf(name)) ?? state, field);

const shown = ({ text, at }: Field): string => `${[...text].slice(0, at).join("")}|${[...text].slice(at).join("")}`;

t.test("keys of a line", async (t) => {
  for (const [keys, result] of [
    [["x"], "one twox|"],
    [["left", "x"], "one twx|o"],
    [["home", "x"], "x|one two"],
    [["C-a", "right", "delete"], "o|e two"],
    [["backspace"], "one tw|"],
    [["C-w"], "one |"],
    [["C-w", "C-w", "C-w"], "|"],
    [["M-b", "C-k"], "one |"],
    [["C-left", "C-left", "C-right", "C-u"], "| two"],
    [["home", "left", "backspace"], "|one two"],
    [["end", "C-d", "right"], "one two|"],
    [["space", "é"], "one two é|"],
  ] as const)
    t.equal(shown(press(fieldOf("one two"), ...keys)), result, keys.join(" "));
  t.equal(updateField(fieldOf("a"), keyOf("f5")), undefined);
});

t.test("characters as people see them", async (t) => {
  const family = "👨‍👩‍👧";
  t.equal(press(fieldOf(`a${family}`), "backspace").text, "a");
  t.equal(press(fieldOf("e\u0301x"), "left", "backspace").text, "x");
  t.same(press(fieldOf("e"), "\u0301"), { text: "e\u0301", at: 1 });
});

t.test("a field that is too narrow shows where the cursor is", async (t) => {
  const draw = (field: Field, columns: number) => {
    const { spans, cursor } = drawField(field, columns, "~");
    return `${textOf(spans)} ${cursor}`;
  };
  t.equal(draw(fieldOf("abcdefgh"), 20), "abcdefgh 8");
  t.equal(draw(fieldOf("abcdefgh"), 5), "~fgh 4");
  t.equal(draw(press(fieldOf("abcdefgh"), "home"), 5), "abcde 0");
  t.equal(draw(fieldOf("世界世界"), 6), "~世界 5");
  t.equal(draw(fieldOf("a\x1b[31m"), 20), "a\\x1b[31m 9");
});
