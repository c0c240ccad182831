import t from "tap";
import type { LiveImage } from "../../../../src/engine/live/image.ts";
import type { ImageStep } from "../../../../src/engine/live/image-content.ts";
import { textOf } from "../../../../tui/draw/cell.ts";
import { unicodeGlyphs } from "../../../../tui/draw/glyph.ts";
import type { Fed } from "../../../../tui/model/need.ts";
import { renderCounts, renderInstruction } from "../../../../tui/view/image/column.ts";
import { imageView } from "../../../../tui/view/image/image.ts";
import { keyOf, makeSurroundings } from "../../../fixture/dashboard.ts";

const nowMs = Date.UTC(2026, 0, 2, 12);
const idOf = (digit: string) => `sha256:${digit.repeat(64)}`;
const image = (digit: string, given: Partial<LiveImage> = {}): LiveImage => ({
  id: idOf(digit),
  names: [],
  createdMs: nowMs - 3_600_000 * 3,
  platform: "linux/amd64",
  sizeBytes: 5 << 20,
  sharedBytes: 2 << 20,
  diffIds: [idOf("a"), idOf("b")],
  sharedWith: new Map([[idOf("a"), 1]]),
  users: [],
  isParent: false,
  isHost: false,
  ...given,
});
const web = image("1", { names: ["web:1", "web:latest"], users: [{ id: "c".repeat(64), name: "front" }] });
const images = [
  web,
  image("2", { names: ["old/base:3"], createdMs: nowMs - 86_400_000 * 9, sizeBytes: 2 << 20 }),
  image("3", { createdMs: nowMs - 60_000 * 200, sizeBytes: 100, sharedBytes: 0 }),
  image("4", { names: ["host:latest"], isHost: true, createdMs: 0, sizeBytes: 0, sharedBytes: 0, diffIds: [], sharedWith: new Map() }),
];
const step = (given: Partial<ImageStep>): ImageStep => ({ createdMs: nowMs - 3_600_000, createdBy: "", sizeBytes: 0, ...given });
const steps = [
  step({ createdBy: '/bin/sh -c #(nop)  CMD ["sh"]' }),
  step({ createdBy: "RUN /bin/sh -c apt-get install x # buildkit", layer: 2, diffId: idOf("b"), sizeBytes: 3 << 20 }),
  step({ createdBy: "evil \u001b[31m\nred", layer: 1, diffId: idOf("a"), sizeBytes: 2 << 20 }),
];
const fed: Fed = {
  images: { images },
  steps: { steps: new Map([[web.id, steps]]) },
  content: {
    content: { id: web.id, steps, layers: [], entries: 0 },
    counts: new Map([[web.id, [{ added: 12, changed: 0, removed: 0 }]]]),
  },
};
const around = makeSurroundings({ fed, nowMs });

type State = typeof imageView.initial;
const press = (state: State, ...names: readonly string[]) =>
  names.reduce((before, name) => imageView.update(before, { kind: "key", key: keyOf(name) }, around).state, state);
const linesOf = (state: State, given = around) =>
  imageView
    .draw(state, given)
    .lines.map((line) => textOf(line).trimEnd())
    .filter((line) => line !== "");

t.test("a row for each name, dangling ones and unused ones in words", async (t) => {
  t.same(linesOf(imageView.initial), [
    "  IMAGE                    ID           AGE^   SIZE  UNIQUE USED BY / FILES",
    "> + web:1                  111111111111   3h     5M      3M front",
    "  + web:latest             111111111111   3h     5M      3M front",
    "  + <none> (dangling)      333333333333   3h    100     100 unused, dangling",
    "  + old/base:3             222222222222   9d     2M       0 unused",
    "  + host:latest            444444444444    -      -       - this machine",
  ]);
  t.match(linesOf(press(imageView.initial, "/", "u", "n", "u", "s", "enter")).length, 4, "two rows, heading and filter");
  t.match(linesOf(imageView.initial, makeSurroundings({ nowMs })), [/IMAGE/, "  reading ..."]);
  t.match(linesOf(imageView.initial, makeSurroundings({ nowMs, fed: { images: { images: [] } } })), [/IMAGE/, "  no images", /p pulls/]);
});

t.test("opened: who uses it, then its steps, newest first, and nothing of a step acts on the terminal", async (t) => {
  const open = press(imageView.initial, "right");
  t.same(linesOf(open).slice(1, 7), [
    "> - web:1                  111111111111   3h     5M      3M front",
    "  |- used by front         cccccccccccc                     container",
    '  |- CMD ["sh"]                          60m                settings',
    "  |- RUN apt-get install x bbbbbbbbbbbb  60m     3M      3M ...",
    "  `- evil \\x1b[31m red     aaaaaaaaaaaa  60m     2M       0 12 added",
    "  + web:latest             111111111111   3h     5M      3M front",
  ]);
  t.same(imageView.needs(open, around), [{ kind: "images" }, { kind: "steps", images: [web.id] }, { kind: "content", image: web.id }]);
  t.same(imageView.needs(imageView.initial, around), [{ kind: "images" }], "closed: nothing is looked into");
  const there = press(open, "down", "down", "down");
  t.match(imageView.chosen(there, around), { kind: "image", reference: "web:1", id: web.id, layer: 2 });
  t.same(imageView.chosen(press(there, "up"), around)?.layer, undefined);
  t.match(imageView.targets(there, around), [{ reference: "web:1" }]);
  t.match(imageView.chosen(press(there, "left"), around), { reference: "web:1" });
  t.equal(linesOf(press(there, "left", "left")).length, 6, "closed again");
  const user = imageView.update(press(open, "down"), { kind: "key", key: keyOf("enter") }, around);
  t.same(user.effects, [{ kind: "go", view: "containers", row: "c".repeat(64) }]);
});

t.test("marked, sorted, shown", async (t) => {
  const marked = press(imageView.initial, "space", "space");
  t.same(
    imageView.targets(marked, around).map(({ reference }) => reference),
    ["web:1", "web:latest"],
  );
  t.same(press(imageView.initial, "right", "*").list.marked.size, 5, "names alone");
  t.same(press(imageView.initial, "right", "down", "space").list.marked.size, 0);
  const bySize = { ...imageView.initial, list: { ...imageView.initial.list, sorted: { column: "size", descending: false } } };
  t.match(linesOf(bySize).slice(1), [/host/, /none/, /old/, /web:1/, /web:latest/]);
  const shown = imageView.update(imageView.initial, { kind: "show", row: web.id }, around).state;
  t.match(imageView.chosen(shown, around), { reference: "web:1" });
  t.match(imageView.chosen(press(imageView.initial, "down", "down"), around), { reference: "3".repeat(12) }, "without a name by its id");
});

t.test("every size, both kinds of signs", async (t) => {
  for (const glyphs of [around.glyphs, unicodeGlyphs]) {
    for (const [columns, rows] of [
      [38, 5],
      [78, 8],
      [98, 12],
      [198, 56],
    ] as const) {
      const open = press(imageView.initial, "right");
      const lines = imageView.draw(open, makeSurroundings({ fed, nowMs, glyphs, size: { columns, rows } })).lines;
      t.ok(lines.length <= rows, `${columns}x${rows}`);
      t.ok(lines.every((line) => textOf(line).length <= columns));
    }
  }
});

t.test("words", async (t) => {
  t.equal(renderInstruction("/bin/sh -c apt  update"), "RUN apt update");
  t.equal(renderInstruction("COPY a b # buildkit"), "COPY a b");
  t.equal(renderCounts({ added: 1, changed: 2, removed: 3 }), "1 added, 2 changed, 3 removed");
  t.equal(renderCounts({ added: 0, changed: 0, removed: 0 }), "no file");
});
