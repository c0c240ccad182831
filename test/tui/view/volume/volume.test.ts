import t from "tap";
import type { LiveVolume } from "../../../../src/engine/live/volume.ts";
import { volumeView } from "../../../../tui/view/volume/volume.ts";
import { fleetNowMs } from "../../../fixture/fleet.ts";
import { openView } from "../../../fixture/view.ts";

function volume(name: string, given: Partial<LiveVolume> = {}, record: Partial<LiveVolume["record"]> = {}): LiveVolume {
  const whole = { name, createdMs: fleetNowMs - 7_200_000, driver: "local", labels: {}, options: {}, ...record };
  return { record: whole, mountpoint: `/var/lib/tsns/volumes/${name}/_data`, users: [], ...given };
}

const users = ["web", "db"].map((name) => ({ id: name, name }));
const nameless = "e".repeat(64);
const volumes = [
  volume("data", { size: { bytes: 3e6, entries: 12, measuredMs: 1 }, users }, { labels: { tier: "front", x: "" } }),
  volume(nameless, {}, { labels: { "com.docker.volume.anonymous": "" } }),
  volume("far", { mountpoint: "" }, { driver: "nfs" }),
];

function open(columns = 78) {
  const view = openView(volumeView, { nowMs: fleetNowMs, size: { columns, rows: 8 } });
  view.feed({ feed: "volumes", value: { volumes } });
  return view;
}

t.test("80 columns", async (t) => {
  t.same(open().lines(), [
    "  NAME^               DRIVER   SIZE USED BY         AGE MOUNTPOINT",
    "> data                local    2.9M 2: web db        2h /var/lib/tsns/volumes~",
    "  eeeeeeeeeeee (no n~ local     ... nobody           2h /var/lib/tsns/volumes~",
    "  far                 nfs         - nobody           2h -",
  ]);
  t.equal(open().note(), "3, 2 used by nobody, 2.9MB");
  for (const columns of [28, 38, 98, 198]) t.ok(open(columns).width() <= columns);
});

t.test("200 columns have files and labels, too", async (t) => {
  t.match(open(198).lines(), [
    /SIZE +FILES USED BY .*LABELS$/,
    /2\.9M +12 2: web db .* tier=front x$/,
    /com\.docker\.volume\.anonymous$/,
    /./,
  ]);
});

t.test("sorted, filtered, chosen by name", async (t) => {
  const view = open();
  view.press(">", ">");
  t.match(view.lines()[0], "SIZEv", "the most first");
  t.equal(view.chosen(), "data");
  view.mouse({ action: "press", column: 3, row: 0 });
  t.match(view.lines()[0], "NAME^");
  view.press("/");
  view.type("!nobody");
  view.press("enter");
  t.same([view.lines().length, view.targets()], [8, ["data"]]);
  view.show("far");
  t.equal(view.chosen(), "far", "the filter is away");
  view.press("space", "home", "space");
  t.same(view.targets(), ["data", "far"]);
  view.feed({ feed: "volumes", value: { volumes: volumes.slice(0, 2) } });
  t.same(view.targets(), ["data"]);
  t.ok(view.isUnused("d"));
});

t.test("nothing there", async (t) => {
  const view = openView(volumeView, { size: { columns: 78, rows: 8 } });
  t.equal(view.lines()[1], "  reading ...");
  view.feed({ feed: "volumes", value: { volumes: [] } });
  t.same(view.lines().slice(1), ["  no volumes: c makes one,", "  `tsns run -v NAME:/PATH IMAGE` makes and mounts one"]);
  t.same([view.note(), view.chosen(), view.targets()], ["", undefined, []]);
  view.feed({ feed: "volumes", value: { volumes } });
  view.press("/");
  view.type("zz");
  t.equal(view.lines()[1], "  no volume passes the filter: Esc takes it away");
});

t.test("what is kept", async (t) => {
  const view = open();
  view.press(">", "I");
  t.match(volumeView.keep?.restore(view.kept()), { sorted: { column: "driver", descending: true } });
});
