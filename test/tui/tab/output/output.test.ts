import t from "tap";
import { textOf } from "../../../../tui/draw/cell.ts";
import { outputTab } from "../../../../tui/tab/output/output.ts";
import { keyOf, makeEntry, makeSurroundings } from "../../../fixture/dashboard.ts";

const text = Array.from({ length: 30 }, (_, at) => `line ${at}\n`).join("");
const commands = [
  makeEntry(["pull", "bb"], { number: 1, output: text }),
  makeEntry(["ps"], { number: 2 }),
  makeEntry(["exec", "x", "sh"], { number: 3, place: "pane" }),
];
const around = (number: number) =>
  makeSurroundings({ commands, size: { columns: 40, rows: 5 }, chosen: { kind: "command", reference: "", id: `${number}` } });
const linesOf = (state: typeof outputTab.initial, number: number) => outputTab.draw(state, around(number)).lines.map(textOf);

t.test("what the chosen command said, its end first", async (t) => {
  t.same(linesOf(outputTab.initial, 1), ["line 26", "line 27", "line 28", "line 29", "27-30 of 30"]);
  t.same(linesOf(outputTab.initial, 2), ["it said nothing"]);
  t.same(linesOf(outputTab.initial, 3), ["it had a terminal of its own"]);
  t.same(linesOf(outputTab.initial, 4), ["it is not remembered any more"]);
});

t.test("scrolled, of one command alone", async (t) => {
  const up = outputTab.update(outputTab.initial, { kind: "key", key: keyOf("up") }, around(1));
  t.equal(linesOf(up.state, 1)[0], "line 25");
  t.same(linesOf(up.state, 2), ["it said nothing"]);
  const other = outputTab.update(up.state, { kind: "key", key: keyOf("home") }, around(2));
  t.equal(linesOf(other.state, 1)[0], "line 26");
  t.ok(outputTab.update(up.state, { kind: "key", key: keyOf("r") }, around(1)).isUnused);
});
