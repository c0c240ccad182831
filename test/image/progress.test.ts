// What progress looks like on a terminal and on a pipe.
import t from "tap";
import { type LayerProgress, plainLine, renderBar, renderProgress } from "../../src/image/progress.ts";

const downloading: LayerProgress = { id: "0123456789ab", status: "Downloading", current: 1_234_000, total: 4_936_000 };

t.test("a line on a terminal", async (t) => {
  t.equal(renderProgress(downloading, 120), `0123456789ab: Downloading [${"=".repeat(12)}>${" ".repeat(38)}]  1.234MB/4.936MB`);
  t.equal(renderProgress(downloading, 80), "0123456789ab: Downloading  1.234MB/4.936MB");
  t.equal(renderProgress({ ...downloading, current: 5_000_000 }, 80), "0123456789ab: Downloading      5MB", "more than was announced");
  t.equal(renderProgress({ id: "a", status: "Downloading", current: 7 }, 200), "a: Downloading       7B", "no total");
  t.equal(renderProgress({ id: "0123456789ab", status: "Pull complete" }, 120), "0123456789ab: Pull complete");
  for (const columns of [1, 2, 10, 20, 41, 111]) t.ok(renderProgress(downloading, columns).length < Math.max(columns, 2), `${columns}`);
});

t.test("bars", async (t) => {
  t.equal(renderBar(0, 10), `[>${" ".repeat(50)}]`);
  t.equal(renderBar(10, 10), `[${"=".repeat(50)}>]`);
  t.equal(renderBar(11, 10).length, 53);
});

t.test("a pipe gets what happens once", async (t) => {
  t.equal(plainLine({ message: "latest: Pulling from library/x" }), "latest: Pulling from library/x");
  t.equal(plainLine({ id: "0123456789ab", status: "Download complete" }), "0123456789ab: Download complete");
  t.equal(plainLine(downloading), undefined);
});
