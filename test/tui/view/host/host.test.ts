import t from "tap";
import type { CoreUse, HostState } from "../../../../src/engine/live/host.ts";
import { hostView } from "../../../../tui/view/host/host.ts";
import { fleet, fleetNowMs, idOf } from "../../../fixture/fleet.ts";
import { makeBoard } from "../../../fixture/usage.ts";
import { openView } from "../../../fixture/view.ts";

const gibi = 1024 ** 3;
const core = (number: number, userPercent: number, systemPercent: number): CoreUse => ({
  core: number,
  userPercent,
  systemPercent,
  waitPercent: number,
  stealPercent: 0,
});

const makeHost = (cores: readonly CoreUse[], given: Partial<HostState> = {}): HostState => ({
  atMs: 0,
  hostname: "vm",
  kernel: "6.18",
  architecture: "x64",
  cgroupMode: "v2",
  facts: { operatingSystem: "Debian 12", cpuModel: "Xeon", swapBytes: 0 },
  uptimeSeconds: 90_000,
  cores,
  load: [3, 1.5, 0.25],
  runnable: 2,
  threads: 300,
  memoryBytes: 16 * gibi,
  memoryUsedBytes: 4 * gibi,
  memoryCachedBytes: 2 * gibi,
  swapBytes: 0,
  swapUsedBytes: 0,
  root: "/var/lib/tsns",
  disk: { sizeBytes: 110 * gibi, usedBytes: 90 * gibi, availableBytes: 10 * gibi, inodes: 100, usedInodes: 10 },
  containers: { running: 3, cpuPercent: 162.3, memoryBytes: 951 * 1024 ** 2, pids: 53 },
  history: [],
  gapMs: 15_000,
  ...given,
});

function open(host: HostState, columns = 78, rows = 20) {
  const view = openView(hostView, { nowMs: fleetNowMs, size: { columns, rows } });
  view.feed({ feed: "containers", value: { containers: fleet } });
  view.feed({ feed: "usage", value: makeBoard({ [idOf("db")]: { cpuPercent: 3 }, [idOf("web")]: { memoryBytes: gibi } }) });
  view.feed({ feed: "host", value: host });
  return view;
}

const two = makeHost([core(0, 50, 10), core(1, 5, 1)]);

t.test("80x24: everything at once", async (t) => {
  const view = open(two);
  t.same(view.lines(), [
    "vm  up 25h  Debian 12  Linux 6.18  x64  cgroup v2  Xeon",
    "cpu0   [uuuus...] 60.0% sys 10         cpu1   [w.......] 6.0% sys 1 wait 1",
    "memory     [###.........] 4G of 16G, 2G cached, no swap",
    "disk       [###########.] 90G of 100G, 10G free /var/lib/tsns",
    "containers [##########..] 3 run: CPU 162% of 200%, memory 951M (5.8%), 53 pids",
    "load       3.00 1.50 0.25 (more than processors)   2 of 300 threads run",
    ...Array.from({ length: 9 }, () => ""),
    "Who takes the most CPU (M: by memory)",
    "  NAME           STATE             CPU%v        MEM/LIMIT    PIDS PORTS",
    "> db             ! unhealthy    3.0 ....        0/1G ....       1",
    "  web            + running      0.0 ....       1G/1G ####       1 8080->80",
    "  cache          = paused              -                -       -",
  ]);
  t.match(view.drawn().charts, [
    { title: "CPU, all cores", area: { left: 0, top: 6, columns: 39, rows: 9 } },
    { title: "Memory", area: { left: 39, top: 6, columns: 39, rows: 9 } },
  ]);
});

t.test("swap and pressure where there are any", async (t) => {
  const view = open(makeHost([core(0, 50, 10)], { swapBytes: gibi, pressure: { cpu: 1, memory: 0, io: 3 } }));
  const lines = view.lines();
  t.same(
    [lines[1], lines[3], lines[7]],
    [
      "cpu0   [uuuus...] 60.0% sys 10",
      "swap       [............] 0B of 1G",
      "waiting    cpu 1.0%  memory 0.0%  io 3.0%  of the last 10 s (PSI)",
    ],
  );
});

t.test("many processors are a sign each", async (t) => {
  const view = open(makeHost(Array.from({ length: 96 }, (_, number) => core(number, number, 3))));
  t.same(view.lines().slice(1, 4), [
    "all    [###################...................] 50.5% of 96, cpu95 98.0%",
    "each   __________.........................-------------------------===========",
    "       ==============###########",
  ]);
});

t.test("small and large", async (t) => {
  for (const [columns, rows] of [
    [28, 3],
    [38, 8],
    [98, 26],
    [198, 56],
  ] as const) {
    const view = open(two, columns, rows);
    t.ok(view.drawn().lines.length <= rows);
  }
  t.same(open(two, 38, 8).drawn().charts, []);
});

t.test("who takes the most, and the way there", async (t) => {
  const view = open(two);
  const names = () =>
    view
      .lines()
      .slice(-3)
      .map((line) => line.slice(0, 6).trimEnd());
  t.same(names(), ["> db", "  web", "  cach"]);
  view.press("M");
  t.same(names(), ["> web", "  db", "  cach"]);
  t.same(view.press("enter"), [{ kind: "go", view: "containers", row: idOf("web") }]);
  t.same(view.press("down", "enter"), [{ kind: "go", view: "containers", row: idOf("db") }]);
  t.same(view.mouse({ action: "double", column: 3, row: 17 }), [{ kind: "go", view: "containers", row: idOf("web") }]);
  t.same(view.mouse({ action: "double", column: 3, row: 2 }), [], "not in the list");
  t.ok(view.isUnused("/"));
  t.match(hostView.keep?.restore(view.kept()), { sorted: { column: "memory", descending: true } });
  t.match(view.needs(), [{ kind: "host" }, { kind: "containers" }, { kind: "usage", ids: { length: 3 } }]);
});

t.test("before anything is known", async (t) => {
  const view = openView(hostView, { size: { columns: 78, rows: 20 } });
  t.same(view.lines(), ["reading ..."]);
  view.feed({ feed: "host", value: makeHost([], { containers: { running: 0, cpuPercent: 0, memoryBytes: 0, pids: 0 } }) });
  t.match(view.lines().at(-1), "  reading ...");
  view.feed({ feed: "containers", value: { containers: [] } });
  t.equal(view.lines().at(-1), "  no container runs");
  t.same(view.press("enter"), []);
});
