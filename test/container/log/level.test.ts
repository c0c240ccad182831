import t from "tap";
import { levelOf } from "../../../src/container/log/level.ts";

const said: readonly (readonly [string, ReturnType<typeof levelOf>])[] = [
  ["time=1 level=error msg=no", "error"],
  ['{"level":"warn","msg":"x"}', "warn"],
  ['{"severity": "NOTICE"}', "info"],
  ['{"level":50,"time":1}', "error"],
  ['{"level":30}', "info"],
  ["[ERROR] no", "error"],
  ["2026/01/02 [warn] 7#7: x", "warn"],
  ["[Fri] [core:error] [pid 1] x", "error"],
  ["<debug> x", "debug"],
  ["W1120 12:00:00.000000 1 x.go:1] y", "warn"],
  ["F1120 12:00:00.000000 1 x.go:1] y", "error"],
  ["<11>1 2026-01-02T00:00:00Z h a - - - x", "error"],
  ["<12>x", "warn"],
  ["<15>x", "debug"],
  ["2026-01-02 12:00:00,1 INFO  [main] x", "info"],
  ["error: no such file", "error"],
  ["make: warning: clock skew", "warn"],
  ["TRACE enter", "trace"],
  ["an error occurred", undefined],
  ["level of water: high", undefined],
  ["", undefined],
  [`${"x".repeat(100)} ERROR`, undefined],
];

t.test("levels in the formats that programs write", async (t) => {
  for (const [text, level] of said) t.equal(levelOf(text), level, text);
});
