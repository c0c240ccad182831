import t from "tap";
import { renderCase } from "./toolkit.mjs";

const measured = (size: number, oursMs: number) => ({ size, bareMs: 20, classicMs: 4, oursMs });

t.test("a case is held against its limit and against its own growth", async (t) => {
  const lines = renderCase({ what: "net show, 200 ports" }, measured(50, 25), measured(200, 30));
  t.equal(lines[0], "net show, 200 ports");
  t.match(lines[3], /1\.25x .*at most 1\.5x: reached$/);
  t.match(lines[4], /2\.0x .*at most 5x: reached$/);
});

t.test("too slow, and growing faster than its work", async (t) => {
  const lines = renderCase({ what: "ns ls", limit: 1.2 }, measured(500, 22), measured(2000, 32));
  t.match(lines[3], /1\.33x .*at most 1\.2x: MISSED$/);
  t.match(lines[4], /6\.0x .*MISSED$/);
});
