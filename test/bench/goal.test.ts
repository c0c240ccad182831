import t from "tap";
import { renderGoals } from "./goal.mjs";

t.test("goals are held against medians, in the direction of the metric", async (t) => {
  const lines = renderGoals([
    {
      scenario: "run-none",
      metric: "wall",
      better: "low",
      stats: { docker: { median: 200 }, podman: { median: 120 }, tsns: { median: 60 } },
    },
    { scenario: "burst-none", metric: "start 50, 8 at a time", better: "high", stats: { docker: { median: 8 }, tsns: { median: 16 } } },
    { scenario: "burst-none", metric: "helper memory (PSS) per container", better: "low", stats: { tsns: { median: 120 } } },
    { scenario: "exec", metric: "wall", better: "low", stats: { tsns: { median: 40 } } },
    { scenario: "exec", metric: "CPU of the client process", better: "low", stats: { tsns: { median: 40 } } },
  ]);
  t.equal(lines.length, 5, "metrics without a goal are left out");
  t.match(lines[0], /0\.30x docker, at most 0\.35x +reached$/);
  t.match(lines[1], /0\.50x podman, at most 1x +reached$/);
  t.match(lines[2], /not measured for docker$/);
  t.match(lines[3], /2\.00x docker, at least 3x +MISSED$/);
  t.match(lines[4], /120, at most 250 +reached$/);
});
