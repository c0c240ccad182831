import t from "tap";
import { textOf } from "../../../tui/draw/cell.ts";
import { asciiGlyphs } from "../../../tui/draw/glyph.ts";
import { type Column, columnAt, layoutColumns, renderTable, scrollTo, shiftColumns } from "../../../tui/draw/table.ts";

interface Row {
  readonly name: string;
  readonly size: number;
}

const columns: readonly Column<Row>[] = [
  { name: "name", title: "NAME", least: 6, grows: 1, cell: ({ name }) => name },
  { name: "size", title: "SIZE", least: 5, align: "right", priority: 1, cell: ({ size }) => `${size}` },
];

const rows: readonly Row[] = ["one", "two\x1b[31m", "a long name indeed"].map((name, size) => ({ name, size }));

t.test("renderTable", async (t) => {
  const lines = renderTable({
    columns,
    rows,
    chosen: 1,
    top: 0,
    isMarked: ({ name }) => name === "one",
    sorted: { column: "size", descending: true },
    isFocused: true,
    width: 20,
    height: 4,
    glyphs: asciiGlyphs,
  });
  t.same(lines.map(textOf), ["  NAME         SIZEv", " *one              0", "> two\\x1b[31m      1", "  a long name~     2"]);
  t.equal(lines[2]?.[0]?.role, "chosen");
});

t.test("the same row in the same columns is the same line, whatever lies between", async (t) => {
  const look = { columns, rows, chosen: 1, top: 0, isFocused: true, width: 20, height: 4, glyphs: asciiGlyphs };
  const texts = (change: Partial<typeof look>) =>
    renderTable({ ...look, ...change }).map((line) => line.map(({ text, role }) => [text, role]));
  const [first, second] = [renderTable(look), renderTable(look)];
  t.ok([1, 2, 3].every((at) => first[at] === second[at]));
  const moved = renderTable({ ...look, chosen: 2 });
  t.equal(moved[1], first[1]);
  t.same(
    [1, 2, 3].map((at) => moved[at]?.[0]?.role),
    [undefined, undefined, "chosen"],
  );
  const fresh = (change: Partial<typeof look>) => texts({ rows: rows.map((row) => ({ ...row })), ...change });
  for (const change of [
    { width: 24 },
    { isFocused: false },
    { columns: [...columns].reverse() },
    { columns: shiftColumns(columns, 0) },
    {},
  ])
    t.same(texts(change), fresh(change));
  t.same(
    renderTable({ ...look, chosen: -1, isMarked: ({ size }) => size === 0 }).map((line) => line[0]?.role),
    ["heading", "marked", undefined, undefined],
  );
  t.equal(first[3]?.length, 1, "what has one look is one span");
});

t.test("columns go by their priority when there is no room", async (t) => {
  t.same(
    layoutColumns(columns, 12).map(({ name, width }) => [name, width]),
    [["name", 10]],
  );
  t.same(
    layoutColumns(columns, 14).map(({ name, width }) => [name, width]),
    [
      ["name", 6],
      ["size", 5],
    ],
  );
});

t.test("scrollTo keeps the chosen row in sight", async (t) => {
  t.equal(scrollTo(0, 9, 5, 20), 5);
  t.equal(scrollTo(8, 3, 5, 20), 3);
  t.equal(scrollTo(18, 19, 5, 20), 15);
  t.equal(scrollTo(7, -1, 5, 3), 0);
});

t.test("columns that may go move out at the left, one of them stays", async (t) => {
  const names = (shift: number) =>
    shiftColumns([...columns, { ...columns[1], name: "more", priority: 2 } as Column<Row>], shift).map(({ name }) => name);
  t.same([0, 1, 2, 99].map(names), [
    ["name", "size", "more"],
    ["name", "more"],
    ["name", "more"],
    ["name", "more"],
  ]);
});

t.test("columnAt", async (t) => {
  t.same(
    [0, 1, 2, 7, 8, 9, 13, 14].map((at) => columnAt(columns, 14, at)),
    [undefined, undefined, "name", "name", undefined, "size", "size", undefined],
  );
});
