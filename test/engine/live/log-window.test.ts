// The window over real files of a log: from its end backwards, across rotations, bounded, filtered, behind a container that writes fast.
import { appendFileSync, mkdirSync, renameSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { containerDirectory } from "../../../src/engine/container/directory.ts";
import { type LogMoment, noticeOf, openLogSource } from "../../../src/engine/live/log-source.ts";
import { createLogWindow, type LogWindow, mostHeld } from "../../../src/engine/live/log-window.ts";
import { jsonEntry } from "../../fixture/log-entry.ts";
import { makeRecord, makeSpec } from "../../fixture/request.ts";
import { reuseInode } from "../../fixture/reused-inode.ts";
import { openTestEngine } from "../../fixture/store.ts";

const startMs = Date.UTC(2026, 0, 2);
const entry = (number: number, text = `line ${number}`) => jsonEntry(`${text}\n`, startMs + number * 1000);
const entries = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => entry(from + at)).join("");

/** Logs of containers with these names; what stands in each. */
function makeLogs(t: Test, logs: Readonly<Record<string, string>>) {
  const engine = openTestEngine(t);
  const names = Object.keys(logs);
  const records = names.map((name) => makeRecord({ id: name.padEnd(64, "0"), name, spec: makeSpec() }));
  const pathOf = (name: string) => containerDirectory(engine.root, name.padEnd(64, "0")).log;
  for (const name of names) {
    mkdirSync(join(pathOf(name), ".."), { recursive: true });
    writeFileSync(pathOf(name), logs[name] ?? "");
  }
  const open = (from: LogMoment, passes?: (text: string) => boolean) => {
    const sources = records.map((record, number) => openLogSource(engine, record, number, from, records.length));
    t.teardown(() => {
      for (const source of sources) source[Symbol.dispose]();
    });
    return { window: createLogWindow(sources, passes && (({ text }) => passes(text))), sources };
  };
  return { open, pathOf };
}

function readAll(window: LogWindow, way: "older" | "newer"): void {
  while (way === "older" ? !window.isStart : !window.isEnd) window[way]();
}

const textsOf = ({ lines }: LogWindow): readonly string[] => lines.map(({ text }) => text);

t.test("from the end backwards to the start, numbers staying", async (t) => {
  const { open, pathOf } = makeLogs(t, { web: entries(0, 5) });
  const { window } = open("end");
  window.newer();
  t.same([window.isEnd, window.isStart, window.lines.length], [true, false, 0]);
  readAll(window, "older");
  t.same(textsOf(window), ["line 0", "line 1", "line 2", "line 3", "line 4"]);
  t.equal(window.base, -5);
  appendFileSync(pathOf("web"), entry(5));
  window.wake();
  readAll(window, "newer");
  t.same([window.base, window.lines.length, window.lines.at(-1)?.text], [-5, 6, "line 5"]);
});

t.test("from the start, and from a moment: the first line at or after it is number 0", async (t) => {
  const { open } = makeLogs(t, { web: entries(0, 2000) });
  const fromStart = open("start").window;
  readAll(fromStart, "newer");
  t.same([fromStart.base, fromStart.isStart, fromStart.lines.length], [0, true, 2000]);
  const { window } = open(startMs + 1_500_500);
  window.newer();
  t.equal(window.lines[0]?.text, "line 1501");
  readAll(window, "older");
  t.same([window.base, window.lines[0]?.text, window.lines[-window.base]?.text], [-1501, "line 0", "line 1501"]);
});

t.test("across rotations in both directions", async (t) => {
  const { open, pathOf } = makeLogs(t, { web: entries(10, 20) });
  writeFileSync(`${pathOf("web")}.1`, entries(0, 10));
  const { window } = open("end");
  readAll(window, "newer");
  readAll(window, "older");
  t.equal(window.lines.length, 20);
  appendFileSync(pathOf("web"), entry(20));
  renameSync(`${pathOf("web")}.1`, `${pathOf("web")}.2`);
  renameSync(pathOf("web"), `${pathOf("web")}.1`);
  writeFileSync(pathOf("web"), entries(21, 24));
  window.wake();
  readAll(window, "newer");
  t.same(
    textsOf(window),
    Array.from({ length: 24 }, (_, at) => `line ${at}`),
  );
});

t.test("a newer file that has the inode of one that is gone is not taken for it", async (t) => {
  const { open, pathOf } = makeLogs(t, { web: entries(0, 40_000) });
  const log = pathOf("web");
  const { window } = open("end");
  window.newer();
  window.older();
  const gone = statSync(log, { bigint: true });
  renameSync(log, `${log}.1`);
  writeFileSync(log, entries(50_000, 50_010));
  window.wake();
  readAll(window, "newer");
  unlinkSync(`${log}.1`);
  reuseInode(gone, `${log}.1`);
  writeFileSync(`${log}.1`, entries(60_000, 99_000));
  readAll(window, "older");
  const numbers = window.lines.map(({ text }) => Number(text.slice(5)));
  t.same(
    numbers.filter((number) => number >= 60_000),
    [],
    "nothing newer stands above",
  );
  t.ok(numbers.includes(39_999));
});

t.test("files that went before they were read", async (t) => {
  const { open, pathOf } = makeLogs(t, { web: entries(0, 2) });
  const { window } = open("start");
  readAll(window, "newer");
  for (const [name, from] of [
    ["", 30],
    [".1", 20],
  ] as const) {
    writeFileSync(`${pathOf("web")}.new`, entries(from, from + 1));
    renameSync(`${pathOf("web")}.new`, `${pathOf("web")}${name}`);
  }
  window.wake();
  readAll(window, "newer");
  t.same(textsOf(window), ["line 0", "line 1", "lines may have been rotated away before they were read", "line 20", "line 30"]);
});

t.test("what is held is bounded; what was left out is read again", async (t) => {
  const count = mostHeld.lines + 3000;
  const { open } = makeLogs(t, { web: entries(0, count) });
  const { window } = open("end");
  readAll(window, "newer");
  readAll(window, "older");
  t.equal(window.lines.length, mostHeld.lines);
  t.equal(window.lines[0]?.text, "line 0");
  t.notOk(window.isEnd, "the end has been left out");
  readAll(window, "newer");
  t.equal(window.lines.length, mostHeld.lines);
  t.equal(window.lines.at(-1)?.text, `line ${count - 1}`);
  t.same([window.base + window.lines.length, window.isStart], [0, false], "the same numbers as before");
  window.older();
  t.equal(window.lines[0]?.text, `line ${count + window.base}`);
});

t.test("several by time; a filter; what is said stands at its time", async (t) => {
  const { open } = makeLogs(t, { db: entry(1, "db 1") + entry(3, "db 3"), web: entry(2, "web 2") + entry(4, "web 4") });
  const { window } = open("end");
  readAll(window, "newer");
  readAll(window, "older");
  t.same(textsOf(window), ["db 1", "web 2", "db 3", "web 4"]);
  window.say(noticeOf(0, startMs + 3500, "started"));
  t.same(textsOf(window), ["db 1", "web 2", "db 3", "started", "web 4"]);
  const filtered = open("start", (text) => /^web/.test(text)).window;
  readAll(filtered, "newer");
  t.same(textsOf(filtered), ["web 2", "web 4"]);
});

t.test("an end, told in whole milliseconds, stands behind what was written in that one", async (t) => {
  const { open, pathOf } = makeLogs(t, { web: "", db: "" });
  const timed = (text: string, fraction: string) =>
    jsonEntry(`${text}\n`, startMs).replace(/"time":"[^"]+"/, `"time":"${new Date(startMs).toISOString().slice(0, -1)}${fraction}Z"`);
  appendFileSync(pathOf("web"), timed("its last", "700000"));
  appendFileSync(pathOf("db"), timed("another's", "800000") + jsonEntry("later\n", startMs + 1));
  const { window } = open("start");
  readAll(window, "newer");
  window.say(noticeOf(0, startMs, "ended"));
  t.same(textsOf(window), ["its last", "another's", "ended", "later"]);
});

t.test("behind a container that writes fast, lines pass by and that is said", async (t) => {
  const { open, pathOf } = makeLogs(t, { web: entries(0, 2) });
  const { window, sources } = open("end");
  readAll(window, "newer");
  appendFileSync(pathOf("web"), entries(2, 20_000));
  sources[0]?.catchUp();
  window.wake();
  readAll(window, "newer");
  const [notice] = window.lines;
  const passed = Number(/^([\d,]+) lines passed by$/.exec(notice?.text ?? "")?.[1]?.replaceAll(",", ""));
  t.equal(notice?.isNotice, true);
  t.equal(passed + window.lines.length - 1, 19_998, "none is neither shown nor counted");
  t.equal(window.lines.at(-1)?.text, "line 19999");
});

t.test("long lines are held up to a bound, with their size", async (t) => {
  const text = "x".repeat(100_000);
  const pieces = [text.slice(0, 50_000), text.slice(50_000)];
  const { open } = makeLogs(t, { web: jsonEntry(pieces[0] ?? "", startMs) + jsonEntry(`${pieces[1]}\n`, startMs) + entry(1) });
  const { window } = open("start");
  readAll(window, "newer");
  t.match(window.lines[0], { bytes: 100_000, isCut: true, text: "x".repeat(8192) });
  t.same([window.lines.length, window.lines[1]?.text], [2, "line 1"]);
});
