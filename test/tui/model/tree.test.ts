import t from "tap";
import { textOf } from "../../../tui/draw/cell.ts";
import { emptyTree, renderTree, updateTree } from "../../../tui/model/tree.ts";
import { jsonTree } from "../../../tui/tab/inspect/json.ts";
import { keyOf, makeSurroundings } from "../../fixture/dashboard.ts";
import { nasty, rawControl } from "../../fixture/process-use.ts";

const nodes = jsonTree({
  Id: "abc",
  State: { Pid: 7, Health: { Log: [{ Exit: 0 }] } },
  "a.b": { "": null },
  Empty: [],
  Long: "x".repeat(200),
});
const around = makeSurroundings({ size: { columns: 40, rows: 12 } });

function pressed(names: readonly string[], start = emptyTree()) {
  return names.reduce((state, name) => updateTree(state, { kind: "key", key: keyOf(name) }, nodes, around).state, start);
}
const drawn = (names: readonly string[]) => {
  const lines = renderTree(pressed(names), nodes, around).lines.map((line) => textOf(line).trimEnd());
  t.ok(lines.length <= around.size.rows);
  return lines.filter((text) => text !== "");
};

t.test("closed at first, where the chosen node is stands below", async (t) => {
  t.same(drawn([]), ['>  Id: "abc"', " + State: {2}", " + a.b: {1}", "   Empty: []", `   Long: "${"x".repeat(30)}`, ".Id"]);
});

t.test("opened, left by the parent, closed", async (t) => {
  t.same(drawn(["down", "right", "down", "down", "right", "right"]).slice(1, 6), [
    " - State: {2}",
    "     Pid: 7",
    "   - Health: {1}",
    ">    + Log: [1]",
    " + a.b: {1}",
  ]);
  t.same(drawn(["down", "enter", "down", "left"]).at(-1), ".State");
  t.same(drawn(["down", "enter", "space"]).length, 6);
  t.same(drawn(["end", "up", "up", "right", "right"]).at(-1), '["a.b"][""]');
});

t.test("all of it, and none of it", async (t) => {
  t.equal(drawn(["*"]).filter((text) => text.includes("Exit")).length, 1);
  t.equal(drawn(["*", "*"]).length, 6);
});

t.test("what is searched is opened on the way, again and again", async (t) => {
  const found = drawn(["/", ..."exit", "enter"]);
  t.equal(found.at(-2), ".State.Health.Log[0].Exit");
  t.match(found.at(-1), /^\/ exit +1 found$/);
  t.equal(drawn(["/", ..."i", "enter", "n"]).at(-2), ".State.Pid");
  t.equal(drawn(["/", ..."i", "enter", "n", "N"]).at(-2), ".Id");
  t.equal(drawn(["/", ..."zzz", "enter"]).at(-2), ".Id", "what is not found leaves one where one is");
  t.equal(drawn(["/", ..."exit", "escape"]).at(-1), ".State.Health.Log[0].Exit", "Esc ends it where it led to");
});

t.test("n is somebody else's key while nothing is searched", async (t) => {
  t.equal(updateTree(emptyTree(), { kind: "key", key: keyOf("n") }, nodes, around).isUnused, true);
  t.equal(updateTree(emptyTree(), { kind: "key", key: keyOf("escape") }, nodes, around).isUnused, true);
});

t.test("a value that has no room stands below, cut after four lines", async (t) => {
  const lines = drawn(["end"]);
  t.equal(lines.at(-1), ".Long");
  t.match(lines.at(-2), /^x+~$/);
  t.equal(lines.filter((text) => /^(Long: |x)/.test(text)).length, 4);
});

t.test("a press chooses, a second one opens; the wheel moves", async (t) => {
  const press = (state: ReturnType<typeof emptyTree>, action: "press" | "down", row = 1) =>
    updateTree(state, { kind: "mouse", mouse: { action, column: 2, row } }, nodes, around).state;
  const once = press(emptyTree(), "press");
  t.equal(once.chosen, "State");
  t.equal(once.toggled.size, 0);
  t.equal(press(once, "press").toggled.size, 1);
  t.equal(press(emptyTree(), "down").chosen, "Empty");
});

t.test("names and values of others do nothing to a terminal", async (t) => {
  const garbage = jsonTree({ [nasty]: nasty, Labels: { [nasty]: [nasty] } });
  const state = { ...emptyTree(99), search: { text: "red", at: 3 } };
  for (const row of [0, 1, 2, 3]) {
    const chosen = updateTree(state, { kind: "mouse", mouse: { action: "press", column: 0, row } }, garbage, around).state;
    for (const line of renderTree(chosen, garbage, around).lines) t.notMatch(textOf(line), rawControl);
  }
});

t.test("nothing at all", async (t) => {
  t.same(renderTree(emptyTree(), [], around).lines.map(textOf).join(""), "");
  for (const name of ["down", "right", "left", "enter", "*", "/"])
    t.ok(updateTree(emptyTree(), { kind: "key", key: keyOf(name) }, [], around));
});
