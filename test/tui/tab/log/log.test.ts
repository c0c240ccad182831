// The tab of logs as it is seen and used, with lines of fixed times.
import t from "tap";
import type { LogLine } from "../../../../src/engine/container/log/held.ts";
import type { LogAsks, LogBoard } from "../../../../src/engine/live/log-asks.ts";
import { textOf } from "../../../../tui/draw/cell.ts";
import type { Effect } from "../../../../tui/model/effect.ts";
import type { Chosen, Surroundings } from "../../../../tui/model/part.ts";
import { logTab } from "../../../../tui/tab/log/log.ts";
import { keyOf, makeSurroundings, runningRow } from "../../../fixture/dashboard.ts";
import { makeBoard, makeLine, makeLines } from "../../../fixture/log-line.ts";

const size = { columns: 40, rows: 6 };

/** The tab with these rows chosen. */
function openTab(rows: readonly Chosen[], given: Partial<Surroundings> = {}) {
  let state = logTab.initial;
  let around = makeSurroundings({ size, chosen: rows[0], targets: () => rows, ...given });
  const asks = (): LogAsks => {
    const need = logTab.needs(state, around).find(({ kind }) => kind === "logs");
    if (need?.kind !== "logs") throw new Error("no logs are asked for");
    return need;
  };
  return {
    asks,
    needs: () => logTab.needs(state, around),
    /** What is read for what is asked. */
    feed(lines: readonly LogLine[], more: Partial<LogBoard> = {}): readonly Effect[] {
      const names = rows.map(({ reference }) => reference);
      const value = makeBoard(asks().of, lines, { names, ...more });
      around = { ...around, fed: { ...around.fed, logs: value } };
      const change = logTab.update(state, { kind: "fed", fed: { feed: "logs", value } }, around);
      ({ state } = change);
      return change.effects ?? [];
    },
    press(...names: readonly string[]): readonly Effect[] {
      return names.flatMap((name) => {
        const change = logTab.update(state, { kind: "key", key: keyOf(name) }, around);
        ({ state } = change);
        return change.effects ?? [];
      });
    },
    type(text: string): readonly Effect[] {
      return this.press(...[...text].map((character) => (character === " " ? "space" : character)));
    },
    mouse(action: "up" | "down" | "press" | "double", row = 0): readonly Effect[] {
      const change = logTab.update(state, { kind: "mouse", mouse: { action, column: 0, row } }, around);
      ({ state } = change);
      return change.effects ?? [];
    },
    tell(more: Partial<Surroundings>): void {
      around = { ...around, ...more };
    },
    lines: () => logTab.draw(state, around).lines.map((line) => textOf(line).trimEnd()),
    roles: (row: number) =>
      (logTab.draw(state, around).lines[row] ?? []).map(({ text, role }) => [text.trim(), role]).filter(([text]) => text !== ""),
    cursor: () => logTab.draw(state, around).cursor,
    save: () => logTab.keep?.save(state),
  };
}

const web = runningRow("web");
const ten = makeLines(Array.from({ length: 10 }, (_, at) => `line ${at}`));

t.test("the end is followed, left, and followed again", async (t) => {
  const tab = openTab([web]);
  t.match(tab.asks(), { ids: [web.id], from: "end" });
  t.notHas(tab.asks(), { seen: 0 });
  t.equal(tab.lines().at(-1), "reading ...");
  tab.feed(ten);
  t.same(tab.lines(), ["     line 5", "     line 6", "     line 7", "     line 8", "     line 9", "following"]);
  tab.press("up", "up");
  t.same(tab.lines().slice(2), [">    line 7", "     line 8", "     line 9", "at the end, not following"]);
  tab.feed([...ten, makeLine("line 10", 10)]);
  t.same(tab.lines().slice(2), [">    line 7", "     line 8", "     line 9", "1 line below (End follows)"]);
  t.equal(tab.asks().seen, 0);
  tab.press("G");
  t.equal(tab.lines().at(-1), "following");
  t.equal(tab.lines().at(-2), "     line 10");
});

t.test("by line, page, wheel; Home and End where not all is held", async (t) => {
  const tab = openTab([web]);
  tab.feed(ten, { isStart: false });
  tab.press("pageup");
  t.equal(tab.lines()[0], ">    line 1");
  tab.mouse("down");
  t.same(tab.lines().slice(0, 1), [">    line 4"]);
  tab.mouse("down");
  t.equal(tab.lines().at(-1), "following", "down to the end it is followed");
  const before = tab.asks().of;
  tab.press("home");
  t.match(tab.asks(), { from: "start", seen: 0 });
  t.not(tab.asks().of, before);
  tab.feed(ten, { isEnd: false });
  t.same(tab.lines().slice(0, 1), [">    line 0"]);
  t.equal(tab.lines().at(-1), "5+ lines below (End follows)");
  tab.press("end");
  t.match(tab.asks(), { from: "end" });
});

t.test("search: highlighted, marked, next, previous, further away", async (t) => {
  const tab = openTab([web]);
  tab.feed(makeLines(["an Error", "fine", "error again", "fine"]), { isStart: false, base: 10 });
  tab.press("/");
  tab.type("erro(");
  tab.press("enter");
  t.match(tab.lines().at(-1), /^\/erro\( +Unterminated group$/);
  tab.press("backspace", "enter");
  t.match(tab.asks().find, { epoch: 1, text: "erro", isOlder: true, beyond: 14 });
  t.match(tab.lines().at(-1), /^searching upwards/);
  const lines = makeLines(["an Error", "fine", "error again", "fine"]);
  tab.feed(lines, { isStart: false, base: 10, found: { epoch: 1, number: 12 } });
  t.notOk(tab.asks().find);
  t.equal(tab.lines().at(-1), "at the end, not following  /erro");
  t.same(tab.lines().slice(0, 4), [" =   an Error", "     fine", ">=   error again", "     fine"]);
  t.same(tab.roles(2), [
    [">", "strong"],
    ["=", "match"],
    ["erro", "match"],
    ["r again", undefined],
  ]);
  tab.press("n");
  t.match(tab.asks().find, { epoch: 2, isOlder: false, beyond: 12 });
  const told = tab.feed(lines, { isStart: false, base: 10, found: { epoch: 2, number: undefined } });
  t.match(told, [{ kind: "say", text: "no match below: erro" }]);
  t.equal(tab.lines()[2], ">=   error again", "one stays where one was");
  tab.press("N");
  tab.feed(makeLines(["an error before", "fine"]), { base: 3, found: { epoch: 3, number: 3 } });
  t.equal(tab.lines()[0], ">=   an error before");
  tab.press("escape");
  t.notMatch(tab.lines().at(-1), /erro/);
});

t.test("filters: only, without", async (t) => {
  const tab = openTab([web]);
  tab.feed(ten);
  tab.press("f");
  tab.type("7$");
  tab.press("enter");
  t.match(tab.asks(), { from: "end", filter: { text: "7$", isInverse: false } });
  tab.feed([]);
  t.same([tab.lines()[0], tab.lines().at(-1)], ["no line passes the filter", "following  only 7$"]);
  tab.press("F");
  tab.type("7");
  tab.press("enter");
  t.match(tab.asks(), { filter: { text: "7", isInverse: true } });
  tab.press("escape");
  t.notOk(tab.asks().filter);
});

t.test("times: a column, and a moment to go to", async (t) => {
  const tab = openTab([web]);
  tab.feed(ten.slice(0, 1));
  tab.press("t");
  t.equal(tab.lines()[0], "      60m line 0");
  tab.press("t");
  t.match(tab.lines()[0], /^ {5}01-0\d \d\d:00:00\.000 line 0$/);
  t.same(tab.save(), { isWrapped: true, time: "local" });
  tab.press("@");
  tab.type("25:00");
  tab.press("enter");
  t.match(tab.lines().at(-1), /no such time of day/);
  tab.press("C-u");
  tab.type("5m");
  tab.press("enter");
  t.match(tab.asks(), { from: Date.UTC(2026, 0, 2, 11, 55), seen: 0 });
});

t.test("levels, streams and colours have signs of their own", async (t) => {
  const tab = openTab([web]);
  tab.feed([
    makeLine("level=error no", 0, { stream: 1 }),
    makeLine("[WARN] hm", 1),
    makeLine("\x1b[32mgreen\x1b[0m", 2),
    makeLine("was paused", 3, { isNotice: true }),
  ]);
  t.same(tab.lines().slice(0, 4), ["  !E level=error no", "   W [WARN] hm", "     green", "     --- was paused ---"]);
  t.same(tab.roles(0).slice(-1), [["level=error no", "bad"]]);
});

t.test("wrapped, cut, moved sideways", async (t) => {
  const tab = openTab([web]);
  const long = Array.from({ length: 10 }, (_, at) => `${at}`.repeat(20)).join("");
  tab.feed([makeLine(long), makeLine("x".repeat(100), 1, { bytes: 1_048_576, isCut: true })]);
  t.same(tab.lines().slice(0, 4), [`     ${"x".repeat(35)}`, `     ${"x".repeat(35)}`, `     ${"x".repeat(19)}~ (1M, Enter)`, ""]);
  tab.press("w");
  t.same(tab.lines().slice(0, 2), [`     ${long.slice(0, 34)}~`, `     ${"x".repeat(34)}~`]);
  tab.press("right", "right");
  t.equal(tab.lines()[0], `     ${long.slice(16, 50)}~`);
  t.equal(tab.lines().at(-1), "following  from column 17");
});

t.test("several: a column of names, one that cannot be read, one that is removed", async (t) => {
  const db = runningRow("db");
  const tab = openTab([web, db], { fed: { containers: { containers: [] } } });
  t.same(tab.asks().ids, [web.id, db.id]);
  tab.feed([makeLine("one", 0), makeLine("two", 1, { source: 1 })], { problems: ["none: it is kept nowhere"] });
  t.same(tab.lines().slice(0, 3), ["none: it is kept nowhere", "     web | one", "     db  | two"]);
  const { of } = tab.asks();
  tab.tell({ targets: () => [web] });
  t.equal(tab.asks().of, of, "what a removed one wrote stays");
  const other = runningRow("other");
  tab.tell({ targets: () => [other], chosen: other, isFocused: false });
  t.same(tab.asks().ids, [other.id]);
});

t.test("a line in full, and lines saved", async (t) => {
  const tab = openTab([web]);
  tab.feed(makeLines(['{"a":1}', "a\tb"]));
  t.match(tab.press("enter"), [{ kind: "open" }]);
  t.match(tab.mouse("double", 0), [{ kind: "open" }]);
  tab.press("S");
  tab.type("/tmp/x");
  t.match(tab.needs()[1], { kind: "file", path: "/tmp/x" });
  t.same(tab.cursor(), { column: 15, row: 5 });
  tab.tell({ fed: { ...tabFed(tab, web), file: { path: "/tmp/x", isThere: true } } });
  t.same(tab.press("enter"), []);
  t.match(tab.press("enter"), [
    { kind: "remember" },
    { kind: "save", path: "/tmp/x", text: '{"a":1}\na       b\n', overwrites: true },
    { kind: "say", text: "2 lines written to /tmp/x" },
  ]);
});

/** What has been fed, for the same asks. */
const tabFed = (tab: ReturnType<typeof openTab>, { reference }: Chosen) => ({
  logs: makeBoard(tab.asks().of, makeLines(['{"a":1}', "a\tb"]), { names: [reference] }),
});
