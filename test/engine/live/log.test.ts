// The view of logs over real files: where a search leads, and what is said among the lines.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { containerDirectory } from "../../../src/engine/container/directory.ts";
import { openLogView } from "../../../src/engine/live/log.ts";
import type { LogAsks, LogBoard } from "../../../src/engine/live/log-asks.ts";
import { noticeOf } from "../../../src/engine/live/log-source.ts";
import { openAll, workOf } from "../../../src/engine/live/log-work.ts";
import { insertContainer } from "../../../src/store/container-record.ts";
import { jsonEntry } from "../../fixture/log-entry.ts";
import { makeRecord } from "../../fixture/request.ts";
import { openTestEngine } from "../../fixture/store.ts";
import { waitFor } from "../../fixture/wait.ts";

const startMs = Date.UTC(2026, 0, 2);
const entries = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => jsonEntry(`line ${from + at}\n`, startMs + (from + at) * 10)).join("");

function makeLog(t: Test, content: string) {
  const engine = openTestEngine(t);
  const record = makeRecord({ id: "c".repeat(64), name: "web" });
  insertContainer(engine.store, record);
  const { log } = containerDirectory(engine.root, record.id);
  mkdirSync(join(log, ".."), { recursive: true });
  writeFileSync(log, content);
  return { engine, record, log };
}

/** A container's log, and somebody who goes where a search leads as the dashboard does: while the find is being told. */
function openWatched(t: Test, content: string, given: Partial<LogAsks> = {}) {
  const { engine, record } = makeLog(t, content);
  let board: LogBoard | undefined;
  let asks: LogAsks = { of: "test", ids: [record.id], from: "end", ...given };
  const want = (next: Partial<LogAsks>) => {
    asks = { ...asks, ...next };
    view.want(asks);
  };
  const view = openLogView(engine, asks, {
    told(told) {
      board = told;
      const { found } = told;
      if (!asks.find || found?.epoch !== asks.find.epoch) return;
      const { find: _, ...others } = asks;
      asks = { ...others, ...(found.number === undefined ? {} : { seen: found.number }) };
      view.want(asks);
    },
    failed: (error) => t.error(error),
  });
  t.teardown(() => view[Symbol.dispose]());
  const until = (what: string, wanted: (board: LogBoard) => boolean) => waitFor(what, () => board && wanted(board) && board);
  return { want, until };
}

const textAt = ({ lines, base }: LogBoard, number: number | undefined): string | undefined => lines[(number ?? Number.NaN) - base]?.text;

t.test("a search that leaves what is held ends on its line, both ways", async (t) => {
  const { want, until } = openWatched(t, entries(0, 60_000), { from: "start", seen: 0 });
  await until("the beginning", ({ lines }) => lines.length > 1000);
  want({ find: { epoch: 1, text: "^line 40000$", isOlder: false, beyond: 0 } });
  const below = await until("the first find", ({ found }) => found?.epoch === 1);
  t.equal(textAt(below, below.found?.number), "line 40000");
  const around = await until("lines around it", ({ lines, base, found }) => base + lines.length > (found?.number ?? 0) + 4000);
  t.equal(textAt(around, around.found?.number), "line 40000", "it stays there");
  want({ find: { epoch: 2, text: "^line 100$", isOlder: true, beyond: below.found?.number ?? 0 } });
  const above = await until("the second find", ({ found }) => found?.epoch === 2);
  t.equal(textAt(above, above.found?.number), "line 100");
});

t.test("from the end, which is followed", async (t) => {
  const { want, until } = openWatched(t, entries(0, 60_000));
  const end = await until("the end", ({ isEnd, lines }) => isEnd && lines.length >= 1000);
  want({ find: { epoch: 1, text: "^line 100$", isOlder: true, beyond: end.base + end.lines.length } });
  const above = await until("the find", ({ found }) => found?.epoch === 1);
  t.equal(textAt(above, above.found?.number), "line 100");
  const around = await until("lines around it", ({ isStart }) => isStart);
  t.equal(textAt(around, around.found?.number), "line 100");
});

t.test("an end stands behind what was written before it, and not yet read when it is told", async (t) => {
  const { engine, record, log } = makeLog(t, entries(0, 10));
  const asks: LogAsks = { of: "test", ids: [record.id], from: "end" };
  using opened = openAll(engine, asks);
  while (workOf(opened, asks, []).isMore);
  appendFileSync(log, entries(10, 11));
  let notices = [noticeOf(0, startMs + 100, "ended with 0")];
  for (let isMore = true; isMore; ) ({ isMore, notices } = workOf(opened, asks, notices));
  t.same(
    opened.window.lines.slice(-2).map(({ text }) => text),
    ["line 10", "ended with 0"],
  );
});
