import t from "tap";
import type { ProcessUse } from "../../../../src/engine/live/process.ts";
import { textOf } from "../../../../tui/draw/cell.ts";
import { asciiGlyphs } from "../../../../tui/draw/glyph.ts";
import { renderCpuTime, renderState } from "../../../../tui/tab/process/column.ts";
import { arrangeProcesses } from "../../../../tui/tab/process/order.ts";
import { processTab } from "../../../../tui/tab/process/process.ts";
import { processView } from "../../../../tui/view/process/process.ts";
import { dialogIn, keyOf, makeSurroundings, openDialog, runningRow, wordsOf } from "../../../fixture/dashboard.ts";
import { makeUse, nasty, rawControl } from "../../../fixture/process-use.ts";

const chosen = runningRow("web");
const uses = [
  makeUse({ pid: 1001, parentPid: 900, args: ["init"], cpuPercent: 1, cpuSeconds: 4000 }),
  makeUse({ pid: 1002, parentPid: 1001, args: ["worker", "a"], cpuPercent: 50, residentBytes: 3 << 20, state: "R" }),
  makeUse({ pid: 1003, parentPid: 1001, args: ["worker", "b"], cpuPercent: undefined, cpuSeconds: 61.5 }),
  makeUse({ pid: 1004, parentPid: 1002, args: [], comm: "gone", state: "Z", user: "www" }),
];
const around = (processes: readonly ProcessUse[] = uses, of = chosen.id) =>
  makeSurroundings({ chosen, size: { columns: 78, rows: 6 }, fed: { processes: { of, board: { atMs: 0, containers: 1, processes } } } });

const pressed = (names: readonly string[], given = around()) =>
  names.reduce((state, name) => processTab.update(state, { kind: "key", key: keyOf(name) }, given).state, processTab.initial);
const drawn = (names: readonly string[] = [], given = around()) =>
  processTab.draw(pressed(names, given), given).lines.map((line) => textOf(line).trimEnd());

t.test("a list, the busiest first", async (t) => {
  t.same(drawn(), [
    "      PID  INSIDE USER     CPU %v  MEMORY STATE       TIME COMMAND",
    ">    1002       2 root       50.0      3M runs     0:00.00 worker a",
    "     1001       1 root        1.0      1M sleeps   1:06:40 init",
    "     1004       4 www         0.0      1M zombie   0:00.00 [gone]",
    "     1003       3 root          -      1M sleeps   1:01.50 worker b",
    "",
  ]);
});

t.test("as a tree, sorted by pid", async (t) => {
  t.same(
    drawn(["N", "t"]).map((text) => text.slice(59).trim()),
    ["COMMAND", "init", "|- worker a", "|  `- [gone]", "`- worker b", ""],
  );
});

t.test("a ring of parents and what is below nobody is still shown", async (t) => {
  const ring = [makeUse({ pid: 5, parentPid: 6 }), makeUse({ pid: 6, parentPid: 5 }), makeUse({ pid: 7, parentPid: 7 })];
  const rows = arrangeProcesses(ring, { filter: "", sorted: { column: "pid", descending: false } }, true, asciiGlyphs);
  t.same(
    rows.map(({ use }) => use.pid),
    [7, 5, 6],
  );
});

t.test("filtered, and said so", async (t) => {
  t.match(drawn(["/", ..."init"])[1], /1001/);
  t.match(drawn(["/", "z", "z", "enter"])[1], /no process passes the filter/);
});

t.test("of another container nothing is shown", async (t) => {
  t.match(drawn([], around(uses, "other"))[1], /reading/);
  const ended = makeSurroundings({ chosen: { ...chosen, container: undefined as never } });
  t.match(textOf(processTab.draw(processTab.initial, ended).lines[1] ?? []), /does not run/);
  t.same(processTab.needs(processTab.initial, ended), []);
  t.same(processTab.needs(processTab.initial, around()), [{ kind: "processes", of: chosen.id }]);
});

t.test("a process is killed by a command, after a question", async (t) => {
  const effects = processTab.update(pressed(["down"]), { kind: "key", key: keyOf("f9") }, around()).effects ?? [];
  const dialog = openDialog(dialogIn(effects));
  t.match(dialog.lines()[0], /process 1001 of web: init/);
  t.same(wordsOf(dialog.press("down", "enter")), ["kill --process 1001 --signal SIGTERM web"]);
});

t.test("nothing that a process calls itself reaches the terminal raw", async (t) => {
  const given = around([makeUse({ pid: 1001, args: [nasty, nasty], user: nasty }), makeUse({ pid: 1002, args: [], comm: nasty })]);
  for (const text of drawn(["t"], given)) t.notMatch(text, rawControl);
});

t.test("words and times", async (t) => {
  t.equal(renderState("R").text, "runs");
  t.equal(renderState("P").text, "P");
  t.equal(renderCpuTime(0.12), "0:00.12");
  t.equal(renderCpuTime(3599.99), "59:59.99");
  t.equal(renderCpuTime(360_000), "100:00:00");
});

t.test("the order is kept", async (t) => {
  const kept = JSON.parse(JSON.stringify(processTab.keep?.save(pressed(["M", "t", "/", "x", "enter"]))));
  t.match(processTab.keep?.restore(kept), { isTree: true, list: { sorted: { column: "memory", descending: true }, filter: "" } });
  t.match(processTab.keep?.restore("garbage"), { isTree: false, list: { sorted: { column: "cpu" } } });
});

t.test("all containers' processes below what the machine does", async (t) => {
  const given = around([makeUse({ pid: 9, containerName: "db" })], "running");
  const texts = processView.draw(processView.initial, given).lines.map((line) => textOf(line).trimEnd());
  t.match(texts[0], /^tasks +1 in 1 container, 0 running$/);
  t.match(texts[2], /^> +9 db +root/);
  const press = (row: number) =>
    processView.update(processView.initial, { kind: "mouse", mouse: { action: "press", column: 30, row } }, given);
  t.equal(press(0).state, processView.initial, "a press on the head chooses nothing");
  t.not(press(2).state.list.chosen, undefined);
});
