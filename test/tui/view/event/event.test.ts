import t from "tap";
import type { EventMessage } from "../../../../src/engine/event/message.ts";
import { textOf } from "../../../../tui/draw/cell.ts";
import { eventTab } from "../../../../tui/tab/event/event.ts";
import { keyOfEvent } from "../../../../tui/view/event/column.ts";
import { eventView } from "../../../../tui/view/event/event.ts";
import { keyOf, makeSurroundings } from "../../../fixture/dashboard.ts";
import { fleetNowMs, idOf } from "../../../fixture/fleet.ts";
import { openView } from "../../../fixture/view.ts";

const event = (seconds: number, type: string, action: string, id: string, attributes = {}): EventMessage => ({
  type,
  action,
  id,
  attributes,
  scope: "local",
  timeNano: BigInt(fleetNowMs - seconds * 1000) * 1_000_000n + 123n,
});

const pulled = event(90_000, "image", "pull", "busybox:1");
const made = event(300, "volume", "create", "data", { driver: "local" });
const started = event(60, "container", "start", idOf("web"), { name: "web", image: "busybox", tier: "front" });
const died = event(5, "container", "die", idOf("web"), { name: "web", image: "busybox", exitCode: "3" });
const events = [pulled, made, started, died];

function open(columns = 78, rows = 8) {
  const view = openView(eventView, { nowMs: fleetNowMs, size: { columns, rows } });
  view.feed({ feed: "events", value: { events } });
  view.press("r");
  return view;
}

t.test("how long ago, and when", async (t) => {
  const view = open();
  t.same(view.lines(), [
    "  TIME^     TYPE      ACTION         NAME             ATTRIBUTES",
    "  25h ago   image     pull           busybox:1",
    "  5m ago    volume    create         data             driver=local",
    "  60s ago   container start          web              tier=front image=busybox",
    "> 5s ago    container die            web              exitCode=3 image=busybox",
  ]);
  view.press("r");
  t.match(view.lines(), [/TIME/, /^ {2}2026-01-0\d \d\d:\d\d image/, /^ {2}\d\d:\d\d:\d\d +volume/, /./, /./]);
  for (const columns of [38, 98, 198]) t.ok(open(columns).width() <= columns);
});

t.test("the newest one is followed until another one is chosen", async (t) => {
  const view = open(78, 4);
  const next = event(1, "container", "destroy", idOf("web"), { name: "web" });
  t.equal(view.note(), "4  follows the newest");
  view.feed({ feed: "events", value: { events: [...events, next] } });
  t.same([view.chosen(), view.lines().length], ["container destroy", 4]);
  view.press("up");
  t.equal(view.note(), "5  does not follow (f)");
  view.feed({ feed: "events", value: { events: [...events, next, event(0, "image", "delete", "x")] } });
  t.equal(view.chosen(), "container die");
  view.press("end");
  t.same([view.chosen(), view.note()], ["image delete", "6  follows the newest"]);
  view.press("f", "I");
  t.same([view.chosen(), view.note()], ["image delete", "6  does not follow (f)"]);
  view.press("f", "home");
  t.match(view.lines()[1], /^> .*image +delete/, "newest first");
});

t.test("health is its word", async (t) => {
  const view = openView(eventView, { nowMs: fleetNowMs });
  view.feed({ feed: "events", value: { events: [event(1, "container", "health_status: unhealthy", idOf("web"), { name: "web" })] } });
  t.match(view.lines()[1], /container unhealthy +web$/);
  t.equal(view.drawn().lines[1]?.[0]?.role, "chosen");
});

t.test("types and words", async (t) => {
  const view = open();
  view.press("t");
  t.same([view.lines().length, view.note()], [3, "containers alone (t)  2 of 4  follows the newest"]);
  view.press("t", "t");
  t.equal(view.lines()[1], "  no event of networks (t shows others) passes");
  view.press("t", "t");
  for (const [filter, count] of [
    ["die", 1],
    ["type:cont", 2],
    ["!type:cont", 2],
    ["web !start", 1],
    ["exitCode=3", 1],
    ["zz", 0],
  ] as const) {
    view.press("/");
    view.type(filter);
    view.press("enter");
    t.match(view.note(), `${count} of 4`, filter);
    view.press("escape");
  }
});

t.test("to what an event is about", async (t) => {
  const view = open();
  t.same(view.press("enter"), [{ kind: "go", view: "containers", row: idOf("web") }]);
  t.same(view.press("home", "enter"), [{ kind: "go", view: "images", row: "busybox:1" }]);
  t.same(view.press("down", "enter"), [{ kind: "go", view: "volumes", row: "data" }]);
  t.same(view.mouse({ action: "press", column: 3, row: 1 }), []);
  t.match(view.mouse({ action: "double", column: 3, row: 2 }), [{ kind: "go", view: "volumes" }]);
  const daemon = openView(eventView);
  daemon.feed({ feed: "events", value: { events: [event(1, "daemon", "reload", "x")] } });
  t.same(daemon.press("enter"), []);
});

t.test("nothing there", async (t) => {
  const view = openView(eventView, { size: { columns: 78, rows: 8 } });
  t.equal(view.lines()[1], "  reading ...");
  view.feed({ feed: "events", value: { events: [] } });
  t.match(view.lines()[1], /nothing has happened yet/);
  t.same([view.chosen(), view.press("enter")], [undefined, []]);
});

t.test("the tab tells all of it, and scrolls", async (t) => {
  const chosen = { kind: "event", reference: "container die", id: keyOfEvent(died) } as const;
  const around = (rows: number) =>
    makeSurroundings({ nowMs: fleetNowMs, size: { columns: 60, rows }, fed: { events: { events } }, chosen });
  const lines = (rows: number, state = eventTab.initial) => eventTab.draw(state, around(rows)).lines.map((line) => textOf(line).trimEnd());
  t.match(lines(8), [
    "container die",
    /^time {6}\d{4}-\d\d-\d\d \d\d:\d\d:55\.000000123, 5s ago$/,
    `id        ${idOf("web").slice(0, 50)}`,
    `          ${idOf("web").slice(50)}`,
    "exitCode  3",
    "image     busybox",
    "name      web",
  ]);
  const scrolled = eventTab.update(eventTab.initial, { kind: "key", key: keyOf("end") }, around(3)).state;
  t.same(lines(3, scrolled), ["image     busybox", "name      web", "6-7 of 7"]);
  const gone = { ...around(3), fed: {} };
  t.equal(textOf(eventTab.draw(scrolled, gone).lines[0] ?? []), "it is not remembered any more");
});

t.test("what is kept", async (t) => {
  t.match(eventView.keep?.restore(open().kept()), { isRelative: true, follows: true });
  t.same(eventView.keep?.restore("garbage"), eventView.initial);
});
