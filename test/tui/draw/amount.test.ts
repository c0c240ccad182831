import t from "tap";
import { clockTime, dateTime, shortBytes, shortPercent, shortTime } from "../../../tui/draw/amount.ts";

t.test("bytes in five columns", async (t) => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0"],
    [999, "999"],
    [1000, "1K"],
    [1536, "1.5K"],
    [1024 * 512, "512K"],
    [1024 * 1023, "1M"],
    [12.34 * 1024 ** 2, "12.3M"],
    [23.5 * 1024 ** 3, "23.5G"],
    [1024 ** 5 * 100_000, "100000P"],
    [-5, "0"],
  ];
  for (const [bytes, text] of cases) t.equal(shortBytes(bytes), text, `${bytes}`);
  for (let bytes = 1; bytes < 1024 ** 5; bytes *= 1.37) t.ok(shortBytes(bytes).length <= 5, shortBytes(bytes));
});

t.test("percent, and how long", async (t) => {
  t.same([0, 12.34, 99.94, 99.96, 1600, -1].map(shortPercent), ["0.0", "12.3", "99.9", "100", "1600", "0.0"]);
  const times = [0, 999, 119_000, 120_000, 7_199_000, 7_200_000, 48 * 3_600_000, 1000 * 86_400_000];
  t.same(times.map(shortTime), ["0s", "0s", "119s", "2m", "119m", "2h", "2d", "2y"]);
  t.equal(shortTime(-5), "0s", "clocks differ");
});

t.test("moments", async (t) => {
  const at = new Date(2026, 0, 2, 3, 4, 5).getTime();
  t.equal(clockTime(at), "03:04:05");
  t.equal(dateTime(at), "2026-01-02 03:04:05");
});
