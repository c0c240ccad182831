import t from "tap";
import { axisTop, resample } from "../../../../tui/tab/chart/sample.ts";

t.test("resample", async (t) => {
  const samples = [100, 950, 960, 1000, 1001].map((atMs) => ({ atMs }));
  t.same(
    resample(samples, ({ atMs }) => atMs, 1000, 100, 2),
    [undefined, (950 + 960 + 1000 + 1001) / 4],
  );
});

t.test("axisTop", async (t) => {
  t.equal(axisTop([], 10), 10);
  t.equal(axisTop([12, 3], 10), 20);
  t.equal(axisTop([480], 10), 500);
});
