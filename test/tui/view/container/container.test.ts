import t from "tap";
import { unicodeGlyphs } from "../../../../tui/draw/glyph.ts";
import { containerView } from "../../../../tui/view/container/container.ts";
import { makeSurroundings } from "../../../fixture/dashboard.ts";
import { fleet, fleetNowMs, idOf } from "../../../fixture/fleet.ts";
import { makeBoard } from "../../../fixture/usage.ts";
import { openView } from "../../../fixture/view.ts";

const mebi = 1024 ** 2;
const board = makeBoard({
  [idOf("web")]: {
    cpuPercent: 12.3,
    memoryBytes: 48 * mebi,
    memoryLimitBytes: 64 * mebi,
    pids: 12,
    pidsLimit: 100,
    receivedBytesPerSecond: 2048,
  },
  [idOf("db")]: { cpuPercent: 150, memoryBytes: 900 * mebi, pids: 40, throttledPercent: 7, pressure: { cpu: 1, memory: 0, io: 33.4 } },
  [idOf("cache")]: { memoryBytes: 3 * mebi },
});

function open(columns = 78, rows = 10, given = {}) {
  const view = openView(containerView, { nowMs: fleetNowMs, size: { columns, rows }, ...given });
  view.feed({ feed: "containers", value: { containers: fleet } });
  view.feed({ feed: "usage", value: board });
  return view;
}

const heading = "  NAME           STATE              CPU%        MEM/LIMIT    PIDS PORTS";
const job = "  job            ! exited 137          -                -       -";
const web = "  web            + running     12.3 ....     48M/64M ###.  12/100 8080->80";
const db = "  db             ! unhealthy    150 ###.     900M/1G ####      40";
const cache = "  cache          = paused       0.0 ....       3M/1G ....       1";
const chosen = (line: string) => line.replace(" ", ">");
const within = (line: string) => line.replace(/ {2}(\w+) {2}/, "    $1");

t.test("80 columns: the most useful ones", async (t) => {
  const view = open();
  t.same(view.lines(), [heading, chosen(job), web, db, cache]);
  t.equal(view.note(), "AGE ^  13 columns more (. ,)");
  t.equal(open(78, 10, { glyphs: unicodeGlyphs }).lines()[2], "  web            ● running     12.3 ░░░░     48M/64M ███░  12/100 8080->80");
  for (const [columns, rows] of [
    [28, 3],
    [38, 8],
    [98, 12],
    [198, 56],
  ] as const)
    t.ok(open(columns, rows).width() <= columns);
});

t.test("200 columns: everything", async (t) => {
  t.same(open(198).lines(), [
    "  NAME                STATE        HEALTH          CPU%        MEM/LIMIT  THR% PSI C/M/I  RX/s  TX/s  RD/s  WR/s    PIDS  RST  SINCE PORTS            IMAGE            NETWORKS    AGE^ COMMAND",
    "> job                 ! exited 137 -                  -                -     -         -     -     -     -     -       -    0    60s                  busybox          bridge       15m sh",
    "  web                 + running    healthy    12.3 ....     48M/64M ###.   0.0         -    2K     0     0     0  12/100    3    30m 8080->80         busybox          front,back   30m sh",
    "  db                  ! unhealthy  unhealthy   150 ###.     900M/1G ####   7.0    1/0/33     0     0     0     0      40    0    60m                  busybox          back         60m sh",
    "  cache               = paused     -           0.0 ....       3M/1G ....   0.0         -     0     0     0     0       1    0     2d                  busybox          bridge        2d sh",
  ]);
  t.equal(open(198).note(), "AGE ^");
});

t.test("columns move out at the left, others come", async (t) => {
  const view = open();
  view.press(".", "S-right");
  t.equal(view.lines()[0], "  NAME         STATE               MEM/LIMIT  RX/s    PIDS  SINCE PORTS");
  view.press(",", "S-left", ",");
  t.equal(view.lines()[0], heading);
  view.press(...Array.from({ length: 40 }, () => "."));
  t.match(view.lines()[0], /NAME +STATE +COMMAND/);
});

t.test("groups by project, by network, none", async (t) => {
  const view = open(78, 12);
  view.press("t");
  t.same(view.lines(), [
    heading,
    "  - shop         2/2 run        162             948M           52",
    within(web),
    within(db),
    "  - without com~ 1/2 run        0.0               3M            1",
    chosen(within(job)),
    within(cache),
  ]);
  t.equal(view.note(), "by com.docker.compose.project (t)  AGE ^");
  view.press("left");
  t.same(
    [view.lines().at(-1), view.chosen(), view.targets()],
    ["> + without com~ 1/2 run        0.0               3M            1", undefined, ["job", "cache"]],
  );
  view.press("right", "enter", "f5");
  t.same(view.lines().slice(1), [
    "  - back         2/2 run        162             948M           52",
    within(web),
    within(db),
    "  - bridge       1/2 run        0.0               3M            1",
    chosen(within(job)),
    within(cache),
    "  - front        1/1 run       12.3              48M           12",
    within(web),
  ]);
  view.press("end");
  t.equal(view.chosen(), "web", "in its other group");
  view.press("*");
  t.same(view.targets(), ["web", "db", "job", "cache"], "each once");
  view.press("escape", "t");
  t.same(view.lines(), [heading, job, chosen(web), db, cache]);
});

t.test("what tabs say of the heading of a group, and of nothing", async (t) => {
  const view = open();
  view.press("t", "home");
  t.equal(view.chosen(), undefined);
  t.same(view.absent(), [
    "A group is chosen (shop, 2 containers); this tab tells of one container.",
    "Down in the list chooses one. Logs shows all of a group.",
  ]);
  view.press("left");
  t.match(view.absent()?.[1], /^Enter in the list opens the group, Down chooses one\./);
  t.same(openView(containerView).absent(), ["nothing is chosen"]);
});

t.test("the mouse chooses, and opens and closes groups", async (t) => {
  const view = open(78, 12);
  view.press("t");
  view.mouse({ action: "press", column: 5, row: 1 });
  t.same([view.chosen(), view.targets()], [undefined, ["web", "db"]]);
  view.mouse({ action: "double", column: 5, row: 1 });
  t.match(view.lines()[1], "> + shop");
  view.mouse({ action: "double", column: 5, row: 1 });
  t.match(view.lines()[1], "> - shop");
  view.mouse({ action: "double", column: 5, row: 3 });
  t.equal(view.chosen(), "db");
  view.mouse({ action: "down", column: 5, row: 3 });
  t.equal(view.chosen(), "cache");
});

t.test("groups by any label", async (t) => {
  const view = open();
  view.press("L");
  view.type("tq");
  view.press("backspace");
  t.equal(view.lines().at(-1), "group by label: t  Tab: tier");
  t.same(view.drawn().cursor, { column: 17, row: 9 });
  view.type("\x1b");
  t.same([view.lines().at(-1), view.drawn().cursor?.column], ["group by label: t\\x1b", 21], "visible");
  view.press("backspace", "tab", "enter");
  t.same(view.lines()[1], "  - front        1/1 run       12.3              48M           12");
  view.press("L", "C-u", "enter", "L", "escape");
  t.equal(view.note(), "by tier (t)  AGE ^  13 columns more (. ,)", "nothing written is no other label");
});

t.test("keys say what they do now", async (t) => {
  const words = (hidesStopped: boolean) => {
    const hints = containerView.keys({ ...containerView.initial, hidesStopped }, makeSurroundings());
    return hints.find(({ key }) => key === "e")?.does;
  };
  t.same([false, true].map(words), ["hide stopped", "show stopped"]);
});

t.test("those that do not run are hidden, and it is said", async (t) => {
  const view = open();
  view.press("e");
  t.same(view.lines(), [heading, chosen(web), db, cache]);
  t.equal(view.note(), "1 stopped hidden (e)  AGE ^  13 columns more (. ,)");
  view.show(idOf("job"));
  t.same([view.chosen(), view.lines().length], ["job", 5], "what is asked for is shown");
});

t.test("orders", async (t) => {
  const view = open();
  const names = () =>
    view
      .lines()
      .slice(1)
      .map((line) => line.slice(2).split(" ")[0])
      .join(" ");
  view.press("P");
  t.same([names(), view.chosen()], ["db web cache job", "db"], "from the top");
  view.press("I");
  t.equal(names(), "job cache web db");
  view.press("M");
  t.equal(names(), "db web cache job");
  view.press(">");
  t.match(view.note(), /^THR% v/, "the most first");
  view.press("<", "<", "<", "<", "<");
  t.same([names(), view.note().slice(0, 6)], ["cache db job web", "NAME ^"]);
  view.mouse({ action: "press", column: 20, row: 0 });
  t.match(view.note(), /^STATE \^/);
  view.mouse({ action: "press", column: 20, row: 0 });
  t.match(view.note(), /^STATE v/);
  for (const column of Array.from({ length: 19 })) t.equal(names().split(" ").length, 4, `${view.press(">") && column}`);
});

t.test("a filter, and what to do when nothing passes", async (t) => {
  const view = open(78, 6);
  view.press("/");
  view.type("state:running");
  t.same([view.lines().length, view.lines().at(-1), view.note().slice(0, 11)], [6, "/state:running", "2 of 4 pass"]);
  t.same(view.drawn().cursor, { column: 14, row: 5 });
  view.type("x");
  t.equal(view.lines()[1], "  no container passes the filter: Esc takes it away");
  view.press("escape");
  t.equal(view.lines().length, 5);
});

t.test("nothing there", async (t) => {
  const view = openView(containerView, { size: { columns: 78, rows: 6 } });
  t.equal(view.lines()[1], "  reading ...");
  view.feed({ feed: "containers", value: { containers: [] } });
  t.same(view.lines().slice(1), ["  no containers: `tsns run IMAGE` starts one,", "  press : to write the command here"]);
  t.same([view.chosen(), view.targets()], [undefined, []]);
  view.press("e");
  view.feed({ feed: "containers", value: { containers: fleet.slice(0, 1) } });
  t.equal(view.lines()[1], "  it does not run: e shows it");
});

t.test("a container that goes from under the cursor leaves it where it was", async (t) => {
  const view = open();
  view.press("down", "down", "space", "up");
  t.same([view.chosen(), view.targets()], ["db", ["db"]]);
  view.feed({ feed: "containers", value: { containers: fleet.filter(({ record }) => record.name !== "db") } });
  t.same([view.chosen(), view.targets()], ["cache", ["cache"]], "what stands there now, without the mark");
  view.feed({ feed: "containers", value: { containers: fleet } });
  t.equal(view.chosen(), "cache", "another one before it does not move it");
  view.feed({ feed: "containers", value: { containers: [] } });
  t.equal(view.chosen(), undefined);
});

t.test("only what is seen is sampled, all of it for sums and orders", async (t) => {
  const view = open(78, 3);
  const ids = () => view.needs().flatMap((need) => (need.kind === "usage" ? need.ids : []));
  t.same(ids(), [idOf("web")]);
  view.press("end");
  t.same(ids(), [idOf("db"), idOf("cache")]);
  for (const keys of [["P"], ["<", "<", "<", "t"]]) {
    view.press(...keys);
    t.equal(ids().length, 3);
  }
});

t.test("keys that are not its own are left for others", async (t) => {
  const view = open();
  for (const key of ["s", "enter", "q", "left", "escape", "E", "x"]) t.ok(view.isUnused(key), key);
});

t.test("what is kept between runs", async (t) => {
  const view = open();
  view.press("e", "t", "P");
  const kept = view.kept();
  t.match(containerView.keep?.restore(kept), { hidesStopped: true, grouping: "label", sorted: { column: "cpu", descending: true } });
  for (const garbage of [undefined, 3, { grouping: "toString", label: 7, hidesStopped: "yes", sorted: { column: "gone" } }]) {
    t.same(containerView.keep?.restore(garbage), containerView.initial);
  }
});
