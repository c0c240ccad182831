import t from "tap";
import {
  actionOf,
  appendHistory,
  axisTop,
  type ContainerRow,
  columnGap,
  columnWidths,
  type History,
  headers,
  moveSelection,
  renderCurves,
  renderFooter,
  renderRows,
} from "../../tui/view.ts";

const row = (id: string, change: Partial<ContainerRow> = {}): ContainerRow => ({
  id: id.repeat(64),
  name: `name-${id}`,
  image: "busybox",
  status: "Up 2 hours",
  running: true,
  cpuPercent: 12.345,
  memoryBytes: 512 * 1024 ** 2,
  memoryLimitBytes: 1024 ** 3,
  pids: 7,
  ...change,
});

t.test("a row is docker's stats in short; a stopped container uses nothing", async (t) => {
  const wide = columnWidths(200);
  t.same(renderRows([row("a"), row("b", { running: false, status: "Exited (0) 1 second ago" })], wide), [
    ["name-a", "busybox", "Up 2 hours", "12.35%", "512MiB / 1GiB", "7"],
    ["name-b", "busybox", "Exited (0) 1 second ago", "-", "-", "-"],
  ]);
});

t.test("cells are cut to their column and cannot steer the terminal", async (t) => {
  const [cells = []] = renderRows([row("a", { name: "\x1b[2J", image: "a-long-image-name" })], columnWidths(76));
  t.equal(cells[0], "\\x1b[2J");
  t.match(cells[1], /^a-long-.*…$/);
});

t.test("columns fill the terminal and fit 80", async (t) => {
  for (const columns of [76, 100, 200]) {
    const widths = columnWidths(columns);
    t.equal(widths.length, headers.length);
    const sum = widths.reduce((total, width) => total + width + columnGap, 0);
    t.ok(sum <= columns && sum > columns - 3, `${columns}: ${sum}`);
  }
});

t.test("history keeps the last points and forgets who is gone", async (t) => {
  let history: History = new Map();
  for (let i = 0; i < 5; i++) history = appendHistory(history, [row("a", { cpuPercent: i }), row("b")], 3);
  t.same(
    history.get(row("a").id)?.map((point) => point.cpuPercent),
    [2, 3, 4],
  );
  t.same([...appendHistory(history, [row("a")], 3).keys()], [row("a").id]);
});

t.test("curves end now and begin with nothing", async (t) => {
  const { cpu, memory } = renderCurves([{ cpuPercent: 5, memoryBytes: 3 * 1024 ** 2 }], 3, 2);
  t.same(cpu, { x: ["-4s", "-2s", "now"], y: [0, 0, 5] });
  t.same(memory.y, [0, 0, 3]);
  t.same(
    [[0], [9], [11], [23], [99, 180], [1000]].map((values) => axisTop(values, 10)),
    [10, 10, 20, 50, 200, 1000],
  );
});

t.test("the chosen container stays chosen", async (t) => {
  const rows = [row("a"), row("b"), row("c")];
  t.equal(moveSelection(rows, row("b").id, 0), 1);
  t.equal(moveSelection([row("x"), ...rows], row("b").id, 0), 2);
  t.equal(moveSelection(rows, row("c").id, 1), 2);
  t.equal(moveSelection(rows, row("a").id, -1), 0);
  t.equal(moveSelection(rows, "gone", 0), 0);
  t.equal(moveSelection([], undefined, 1), 0);
});

t.test("keys and the line at the bottom", async (t) => {
  t.same(["q", "C-c", "up", "j", "s", "k", "x", "constructor"].map(actionOf), [
    "quit",
    "quit",
    "up",
    "down",
    "stop",
    "kill",
    undefined,
    undefined,
  ]);
  t.match(renderFooter([row("a"), row("b", { running: false })], ""), /s stop.*k kill.*q quit.*1 running, 1 stopped/);
  t.match(renderFooter([], "no \x1b"), /^ no \\x1b {3}\| {3}0 running/);
});
