// Everything that containers can put into texts to have their way with a terminal, and a made world full of it.
import type { FeedKind } from "../../../tui/model/need.ts";
import type { Answers, World } from "./world.ts";

const controls = Array.from({ length: 0xa0 }, (_, code) => String.fromCharCode(code)).filter((text) => text < " " || text > "~");

/** Control characters of both kinds, titles, the clipboard, device control, answers to be typed, other directions, widths of 0 and 2. */
export const garbage: readonly string[] = [
  controls.join(""),
  "\x1b]0;owned\x07",
  "\x1b]52;c;b3duZWQ=\x07",
  "\x1bP$qm\x1b\\",
  "\x1b[6n\x1b[c\x1b[2J\x1b[?1049l",
  "\x9b31m\x9d0;owned\x9c",
  "\u202eevil\u2066\u200f\ufeff",
  "e\u0301\u0302\u0303\u0304\u0305\u0306x\u200d\u200b",
  "日本語👨‍👩‍👧🇩🇪",
  "\ufffd\ud800\udfff",
  "a\nb\rc\td\be",
];

/** Keys whose values are other people's words. */
const theirs: ReadonlySet<string> = new Set(
  "name names imageName cmd env args comm user action attributes labels source destination path createdBy hostname output mountpoint reference".split(
    " ",
  ),
);

function garbled(value: unknown, garbageOf: () => string, isTheirs: boolean): unknown {
  if (typeof value === "string") return isTheirs ? value + garbageOf() : value;
  if (Array.isArray(value)) return value.map((item) => garbled(item, garbageOf, isTheirs));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, garbled(item, garbageOf, isTheirs)]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, garbled(item, garbageOf, isTheirs || theirs.has(key))]));
}

/** The world with garbage behind each text that is not tsns's own. */
export function garbleWorld(world: World): World {
  let count = 0;
  const next = () => garbage[count++ % garbage.length] ?? "";
  const known = new Map<string, unknown>();
  const once = (key: string, value: unknown): unknown => {
    if (!known.has(key)) known.set(key, garbled(value, next, false));
    return known.get(key);
  };
  const answers = Object.fromEntries(
    Object.entries(world.answers).map(([kind, answer]) => [
      kind as FeedKind,
      // The board of usage has a function, and no texts.
      kind === "usage" ? answer : (asks: never) => once(`${kind} ${JSON.stringify(asks)}`, (answer as (asks: never) => unknown)(asks)),
    ]),
  );
  return { ...world, answers: answers as Answers };
}
