import t from "tap";
import { renderGoals, renderOci, renderTui } from "./goal.mjs";
import { renderMonitor } from "./monitor.mjs";

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
  t.match(lines[3], /2\.00x docker, at least 4x +MISSED$/);
  t.match(lines[4], /120, at most 250 +reached$/);
});

t.test("what issues ask of the life of a container, of its output and of files", async (t) => {
  const row = (scenario: string, metric: string, better: "low" | "high", tsns: number) => ({
    scenario,
    metric,
    better,
    stats: { docker: { median: 100 }, podman: { median: 100 }, tsns: { median: tsns } },
  });
  const lines = renderGoals([
    row("exec", "wall", "low", 60),
    row("start-stop", "all four", "low", 51),
    row("burst-bridge", "start 50, 8 at a time", "high", 400),
    row("burst-none", "rm -f of 50", "high", 99),
    row("logs", "logs of it", "high", 200),
    row("logs", "attached run to a file", "high", 199),
    row("logs", "detached, 200 MB of lines until exit", "high", 1),
    row("cp", "in, 100 MB", "high", 100),
    row("cp", "out, 100 MB", "high", 90),
    row("commit", "commit of 100 MB", "low", 70),
  ]);
  const said = lines.map((line) =>
    line
      .match(/^(\S+): .*?x (\w+), .* (reached|MISSED)$/)
      ?.slice(1)
      .join(" "),
  );
  t.same(
    said.sort(),
    [
      "exec docker reached",
      "start-stop docker MISSED",
      "burst-bridge docker reached",
      "burst-none docker MISSED",
      "logs docker reached",
      "logs podman reached",
      "logs docker MISSED",
      "logs podman MISSED",
      "cp docker reached",
      "cp podman reached",
      "cp docker MISSED",
      "cp podman MISSED",
      "commit docker reached",
    ].sort(),
  );
});

t.test("the memory of a lone monitor", async (t) => {
  t.match(renderMonitor(250), /250 kB PSS, at most 250: reached$/);
  t.match(renderMonitor(251), /MISSED$/);
});

t.test("what the dashboard may cost", async (t) => {
  t.same(renderTui({}), []);
  const [cpu, slowest] = renderTui({ slowestKeyMs: 1000, workingPercent: 2.01 });
  t.match(cpu, /at work +2\.01 % of a core, at most 2: MISSED$/);
  t.match(slowest, /slowest +1000\.00 ms$/, "told, not judged");
  t.match(renderTui({ idlePercent: 0.5 })[0], /reached$/);
});

t.test("an OCI runtime beside others", async (t) => {
  const time = (ms: number) => ({ minMs: ms - 1, medianMs: ms });
  const lines = renderOci({ runc: time(100), crun: time(40), tsns: time(150), native: time(61) }, 25);
  t.match(lines[0], /25 interleaved rounds/);
  t.match(lines[3], /tsns +min +149\.0 +median +150\.0$/);
  t.match(lines[5], /1\.50x runc, at most 1\.5x: reached$/);
  t.match(lines[6], /1\.5\dx crun, at most 1\.5x: MISSED$/);
  t.match(renderOci({ tsns: time(1), native: time(1) }, 1).at(-1), /not measured for crun$/);
});
