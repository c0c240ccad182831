// The dashboard under everything that can happen to it, in any order: keys, the mouse, sizes, values fed early, late and for what is not
// shown any more, commands, panes. It never throws, what it draws is always exactly the screen, and what it needs stays bounded.
import fc from "fast-check";
import t from "tap";
import { visible, widthOf } from "../../tui/draw/cell.ts";
import { asciiGlyphs, unicodeGlyphs } from "../../tui/draw/glyph.ts";
import type { Message } from "../../tui/model/message.ts";
import type { FeedKind, Need } from "../../tui/model/need.ts";
import { keyOf } from "../fixture/dashboard.ts";
import { garbage, garbleWorld } from "../tui/stage/garbage.ts";
import { answerOf, openStage } from "../tui/stage/stage.ts";
import { makeWorld } from "../tui/stage/world.ts";

const worlds = [0, 1, 9, 60].flatMap((count) => [makeWorld(count), garbleWorld(makeWorld(count))]);
const named =
  "up down left right home end pageup pagedown enter return tab S-tab escape backspace delete space f1 f2 f3 f4 f5 f6 f9 f12 S-pageup S-pagedown C-b C-c C-f C-l C-r C-u C-w C-z insert".split(
    " ",
  );
const printable = Array.from({ length: 94 }, (_, at) => String.fromCharCode(33 + at));

const text = fc.oneof(fc.constantFrom(...garbage), fc.string({ maxLength: 12 }));
const number = fc.integer({ min: 1, max: 4 });
const atMs = fc.integer({ min: 0, max: 2 ** 41 });

const key = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...named, ...printable).map(keyOf) },
  { weight: 1, arbitrary: text.map((pasted) => ({ name: "paste", text: pasted.replaceAll("\n", " "), pasted })) },
);
const message: fc.Arbitrary<Message> = fc.oneof(
  { weight: 12, arbitrary: key.map((pressed): Message => ({ kind: "key", key: pressed })) },
  {
    weight: 3,
    arbitrary: fc
      .record({
        action: fc.constantFrom("press" as const, "double" as const, "up" as const, "down" as const, "other" as const),
        code: fc.constantFrom(0, 2, 3, 32, 35, 64, 128),
        column: fc.integer({ min: 0, max: 320 }),
        row: fc.integer({ min: 0, max: 120 }),
        isRelease: fc.boolean(),
      })
      .map(({ isRelease, ...mouse }): Message => ({ kind: "mouse", mouse: isRelease ? { ...mouse, action: "other", isRelease } : mouse })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ columns: fc.integer({ min: 1, max: 300 }), rows: fc.integer({ min: 1, max: 100 }) })
      .map((size): Message => ({ kind: "resize", size })),
  },
  { weight: 1, arbitrary: atMs.map((nowMs): Message => ({ kind: "tick", nowMs })) },
  { weight: 1, arbitrary: text.map((failed): Message => ({ kind: "failed", text: failed })) },
  {
    weight: 1,
    arbitrary: fc
      .record({
        kind: fc.constantFrom("command.waiting" as const, "command.started" as const),
        number,
        words: fc.array(text, { maxLength: 3 }),
        place: fc.constantFrom("quiet" as const, "watched" as const, "aside" as const),
        atMs,
      })
      .map((begun): Message => begun),
  },
  { weight: 1, arbitrary: fc.record({ number, text }).map((said): Message => ({ kind: "command.output", ...said })) },
  {
    weight: 1,
    arbitrary: fc
      .record({ number, code: fc.integer({ min: 0, max: 255 }), atMs })
      .map((ended): Message => ({ kind: "command.ended", ...ended })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ number, words: fc.array(text, { maxLength: 2 }) }).map((pane): Message => ({ kind: "pane.opened", ...pane })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ number, code: fc.integer({ min: 0, max: 255 }) }).map((pane): Message => ({ kind: "pane.ended", ...pane })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({
        number,
        text,
        tracking: fc.constantFrom("none" as const, "x10" as const, "vt200" as const, "drag" as const, "any" as const),
      })
      .map(
        ({ text: shown, ...pane }): Message => ({
          kind: "pane.shown",
          ...pane,
          lines: [[{ text: shown }]],
          cursor: undefined,
          scrolled: 0,
        }),
      ),
  },
);

/** A message, or a value for something that is needed now, or that was once. */
const happening = fc.oneof(
  { weight: 3, arbitrary: message.map((sent) => ({ sent })) },
  { weight: 1, arbitrary: fc.record({ world: fc.nat(worlds.length - 1), at: fc.nat(20), isOld: fc.boolean() }).map((fed) => ({ fed })) },
);

const control = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
/** Of each kind one, and what a view asks of its rows is one need. */
const mostNeeds = 30;

t.test("the loop of the dashboard", async () => {
  fc.assert(
    fc.property(fc.nat(worlds.length - 1), fc.boolean(), fc.array(happening, { maxLength: 60 }), (first, isAscii, happenings) => {
      const [world] = worlds.slice(first);
      if (!world) return;
      const stage = openStage(world, {
        size: { columns: 80, rows: 24 },
        glyphs: isAscii ? asciiGlyphs : unicodeGlyphs,
        isFed: first % 2 === 0,
      });
      const needed: Need[] = [];
      for (const one of happenings) {
        if ("sent" in one) stage.send(one.sent);
        else {
          const from = one.fed.isOld && needed.length > 0 ? needed : stage.needs();
          const need = from[one.fed.at % Math.max(from.length, 1)];
          const [other] = worlds.slice(one.fed.world);
          const fed = need && other ? answerOf(other, need) : undefined;
          if (fed) stage.send({ kind: "fed", fed });
        }
        const needs = stage.needs();
        if (needs.length > mostNeeds) throw new Error(`${needs.length} needs`);
        const kinds = needs.map(({ kind }): FeedKind => kind);
        if (new Set(kinds).size !== kinds.length)
          throw new Error(`needed twice at once, of which only one is fed: ${JSON.stringify(needs)}`);
        needed.push(...needs.slice(0, 3));
        const { columns, rows } = stage.state().size;
        const { lines, cursor } = stage.draw();
        if (lines.length !== rows) throw new Error(`${lines.length} lines on ${rows} rows`);
        for (const line of lines) {
          if (widthOf(line) !== columns) throw new Error(`${widthOf(line)} of ${columns} columns: ${JSON.stringify(line)}`);
          for (const span of line) if (control.test(visible(span.text))) throw new Error(`a control character: ${JSON.stringify(span)}`);
        }
        if (cursor && !(cursor.row < rows && cursor.row >= 0))
          throw new Error(`the cursor is at ${JSON.stringify(cursor)} of ${columns}x${rows}`);
      }
    }),
    { numRuns: Number(process.env.RUNS ?? 150) },
  );
});
