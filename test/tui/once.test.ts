// The views on paper: all of each value, columns that have no room below their row, nothing that acts on a terminal, no marks and bars.
import t from "tap";
import { displayWidth } from "../../src/base/text.ts";
import { textOf } from "../../tui/draw/cell.ts";
import { plainGlyphs } from "../../tui/draw/glyph.ts";
import { renderSnapshot, snapshotSize } from "../../tui/draw/snapshot.ts";
import type { Column } from "../../tui/draw/table.ts";
import { renderWhole } from "../../tui/draw/whole.ts";
import { house } from "../../tui/house.ts";
import { isAnswered, snapshotColumns } from "../../tui/once.ts";
import { garbleWorld } from "./stage/garbage.ts";
import { openStage } from "./stage/stage.ts";
import { makeWorld, type World } from "./stage/world.ts";

process.env.TZ = "UTC";

type Row = readonly [name: string, size: string, note: string];

const columns: readonly Column<Row>[] = [
  { name: "name", title: "NAME", least: 4, cell: ([name]) => name },
  { name: "size", title: "SIZE", least: 2, align: "right", priority: 1, cell: ([, size]) => size },
  { name: "note", title: "NOTE", least: 2, priority: 2, cell: ([, , note]) => note },
];
const rows: readonly Row[] = [
  ["web", "12M", "an answer that is long"],
  ["db", "9K", "-"],
];
const whole = (width: number) => renderWhole(columns, rows, width).map(textOf);

t.test("columns that have no room stand below their row", async (t) => {
  t.same(whole(40), ["NAME  SIZE  NOTE", "web    12M  an answer that is long", "db      9K  -"]);
  t.same(whole(20), ["NAME  SIZE", "web    12M", "    NOTE: an answer that is long", "db      9K"]);
  t.same(whole(8), ["NAME", "web", "    SIZE: 12M", "    NOTE: an answer that is long", "db", "    SIZE: 9K"]);
});

function snapshot(world: World, view: string, width = 80): string {
  const stage = openStage(world, { size: snapshotSize(width), glyphs: plainGlyphs });
  const place = house.views.findIndex(({ name }) => name === view);
  stage.press(`${place + 1}`);
  return renderSnapshot(house, stage.state(), width);
}

t.test("each view, with everybody and with nobody", async (t) => {
  t.match(snapshot(makeWorld(8), "containers"), /^Containers\nNAME +STATE[^\n]*\nweb +running +12\.5 /);
  t.match(snapshot(makeWorld(8), "containers", 400), /^crashing +restarting .*registry\.example\.com\/lab\/probe:dev .*probe --once$/m);
  t.equal(snapshot(makeWorld(500), "containers", 400).split("\n").length, 500 + 3);
  for (const { name, title } of house.views) {
    const text = snapshot(makeWorld(0), name);
    t.match(text, new RegExp(`^${title}\n`));
    t.notMatch(text, /\n\n\n|[ \n]\n$|reading/, name);
    t.notMatch(snapshot(makeWorld(8), name), /…|~$/m, `${name}: nothing is cut`);
  }
});

t.test("nothing acts on a terminal", async (t) => {
  for (const { name } of house.views) {
    const text = snapshot(garbleWorld(makeWorld(8)), name);
    t.notMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/, name);
  }
  const lines = snapshot(garbleWorld(makeWorld(8)), "containers", 100).split("\n");
  t.ok(lines.some((line) => displayWidth(line) <= 100));
});

t.test("waits for rates, sizes and facts", async (t) => {
  const { answers } = makeWorld(2);
  const [first] = answers.containers?.({}).containers ?? [];
  const id = first?.record.id ?? "";
  t.notOk(isAnswered({ kind: "usage", ids: [id] }, {}));
  t.ok(isAnswered({ kind: "usage", ids: [] }, {}));
  const usage = answers.usage?.({ ids: [id] });
  t.ok(usage && isAnswered({ kind: "usage", ids: [id] }, { usage }));
  const rate = { receivedBytes: 1, sentBytes: 1, receivedPackets: 1, sentPackets: 1 };
  const traffic = (...rates: readonly (typeof rate | undefined)[]) =>
    isAnswered(
      { kind: "traffic", links: ["a", "b"] },
      { traffic: { links: new Map(rates.map((one, at) => [`${at}`, { rate: one, dropped: 0, errors: 0 }])) } },
    );
  t.same([traffic(rate, rate), traffic(rate, undefined), traffic()], [true, false, true]);
  t.notOk(isAnswered({ kind: "traffic", links: ["a"] }, {}));
  const volumes = answers.volumes?.({});
  t.notOk(volumes && isAnswered({ kind: "volumes" }, { volumes }), "one is not measured yet");
  const host = answers.host?.({});
  t.ok(host && isAnswered({ kind: "host" }, { host }));
  t.notOk(host && isAnswered({ kind: "host" }, { host: { ...host, cores: [] } }));
  t.notOk(isAnswered({ kind: "events" }, {}));
});

t.test("its width", async (t) => {
  t.equal(snapshotColumns("132", 100), 132);
  t.equal(snapshotColumns("", 100), 100);
  t.equal(snapshotColumns(undefined, undefined), 80);
  t.equal(snapshotColumns("wide", undefined), 80);
});
