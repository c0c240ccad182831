// Several logs as one, by time, both ways; what is not known to come next waits.
import t from "tap";
import type { LogLine } from "../../../src/engine/container/log/held.ts";
import { type LogQueue, takeNewer, takeOlder } from "../../../src/engine/live/log-merge.ts";
import { makeLine } from "../../fixture/log-line.ts";

const lineAt = (text: string, ms: number): LogLine => makeLine(text, 0, { ms });
const queue = (isAll: boolean, ...times: readonly (readonly [string, number])[]): LogQueue => ({
  isAll,
  lines: times.map(([text, ms]) => lineAt(text, ms)),
});
const textsOf = (lines: readonly LogLine[]): string => lines.map(({ text }) => text).join(" ");

t.test("newer ones", async (t) => {
  const one = queue(true, ["a", 1], ["c", 3]);
  const other = queue(true, ["b", 2], ["d", 4]);
  t.equal(textsOf(takeNewer([one, other], 1000)), "a b c d");
  t.same([one.lines, other.lines], [[], []]);
});

t.test("what may still come waits", async (t) => {
  const one = queue(true, ["a", 1], ["c", 3]);
  const other = queue(false, ["b", 2]);
  t.equal(textsOf(takeNewer([one, other], 1000)), "a b");
  t.equal(textsOf(takeNewer([one, other], 1000)), "", "the other has to be read first");
  other.isAll = true;
  t.equal(textsOf(takeNewer([one, other], 1000)), "c");
});

t.test("older ones", async (t) => {
  const one = queue(false, ["a", 1], ["c", 3]);
  const other = queue(true, ["b", 2], ["d", 4]);
  t.equal(textsOf(takeOlder([one, other], 1000)), "a b c d");
  t.equal(textsOf(takeOlder([one, other], 1000)), "");
  const first = queue(false, ["c", 3]);
  const second = queue(true, ["a", 1], ["d", 4]);
  t.equal(textsOf(takeOlder([first, second], 1000)), "c d", "there may be lines between");
});

t.test("no more than asked at once, and the order within a log stays", async (t) => {
  const one = queue(true, ["aa", 5], ["bb", 1], ["cc", 2]);
  t.equal(textsOf(takeNewer([one, queue(true, ["x", 3])], 5)), "x aa");
  t.equal(textsOf(takeNewer([one, queue(true)], 1000)), "bb cc");
  const back = queue(true, ["aa", 5], ["bb", 1]);
  t.equal(textsOf(takeOlder([back], 2)), "bb");
  t.equal(textsOf(takeOlder([back], 2)), "aa");
});
