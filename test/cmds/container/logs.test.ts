// The parts of tsns logs that need no log.
import t from "tap";
import { fixedTime, groupByStream, parseTail } from "../../../cmds/container/logs.ts";

t.test("times have nine digits", async (t) => {
  for (const [time, fixed] of [
    ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000000000Z"],
    ["2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.500000000Z"],
    ["2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123456789Z"],
  ] as const)
    t.equal(fixedTime(time), fixed);
});

t.test("tail", async (t) => {
  t.same(parseTail("all"), {});
  t.same(parseTail("-1"), {});
  t.same(parseTail("0"), { tail: 0 });
  t.same(parseTail("12"), { tail: 12 });
  for (const text of ["", "x", "1.5", "-2", "1e3"]) t.throws(() => parseTail(text), { code: "bad-tail" }, text);
});

t.test("streams keep their order", async (t) => {
  const entry = (stream: "stdout" | "stderr", text: string) => ({ stream, text, time: "" });
  const group = (...entries: ReturnType<typeof entry>[]) => groupByStream(entries, ({ text }) => text);
  t.same(group(), []);
  t.same(group(entry("stdout", "a"), entry("stdout", "b"), entry("stderr", "c"), entry("stdout", "d")), [
    ["stdout", "ab"],
    ["stderr", "c"],
    ["stdout", "d"],
  ]);
});
