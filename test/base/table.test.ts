import t from "tap";
import { layoutTable, renderTable } from "../../src/base/table.ts";

t.test("columns are at least 10 wide with 3 spaces between, as docker's", async (t) => {
  const text = renderTable(
    ["Container ID", "Image", "Names"],
    [
      ["0123456789ab", "busybox", "web"],
      ["ba9876543210", "a-rather-long-image:tag", "db"],
    ],
  );
  t.equal(
    text,
    [
      "CONTAINER ID   IMAGE                     NAMES",
      "0123456789ab   busybox                   web",
      "ba9876543210   a-rather-long-image:tag   db",
      "",
    ].join("\n"),
  );
  t.equal(renderTable(["A", "B"], []), "A         B\n");
});

t.test("cells cannot break the table or reach the terminal", async (t) => {
  t.equal(renderTable(undefined, [["a\nb\x1b[2J", "x"]]), "a\\nb\\x1b[2J   x\n");
});

t.test("wide characters count twice, empty last cells leave no spaces", async (t) => {
  t.equal(
    layoutTable([
      ["漢字漢字漢", "x"],
      ["ab", ""],
    ]),
    "漢字漢字漢   x\nab\n",
  );
});
