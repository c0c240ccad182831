// Text on its way to a terminal or a log line: control characters made visible, display width, did-you-mean.
// Knows nothing of descriptors or colours.

const control = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const controlExceptLayout = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Control characters (C0, DEL, C1) and characters that reorder a line (bidi overrides, line separators) as escapes:
 * "\x1b", "\n", "\u202e". What containers chose themselves (names in images, labels, arguments) passes here before a
 * terminal sees it.
 */
export function escapeControl(text: string): string {
  return control.test(text) ? text.replace(new RegExp(control.source, "g"), escapeCharacter) : text;
}

/** As escapeControl, but new lines and tabs stay. */
export function escapeControlExceptLayout(text: string): string {
  return control.test(text) ? text.replace(controlExceptLayout, escapeCharacter) : text;
}

function escapeCharacter(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\r") return "\\r";
  if (character === "\t") return "\\t";
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** JSON whose text no terminal interprets: what JSON leaves raw (DEL, C1, bidi) is escaped too. Undefined becomes null. */
export function renderJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent) ?? "null";
  return text.replace(
    /[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** ASCII, Latin, punctuation, arrows, lines, blocks, dots: one column each, one unit each. */
const narrow = /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u28ff]*$/;

/** Every character takes one column, as far as a quick look tells. */
export const isNarrow = (text: string): boolean => narrow.test(text);

/** Columns a text takes: 2 for East Asian wide characters and emoji, 0 for combining marks. */
export function displayWidth(text: string): number {
  if (isNarrow(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

function characterWidth(character: string): number {
  if (/^[\p{Mn}\p{Me}\u200b-\u200d]$/u.test(character)) return 0;
  const code = character.codePointAt(0) ?? 0;
  const wide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf && code !== 0x303f) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x231a && code <= 0x1faff && /^\p{Emoji_Presentation}$/u.test(character)) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return wide ? 2 : 1;
}

/** Cuts to `length` characters, the last one an ellipsis when something was cut (docker's table cells). */
export function ellipsis(text: string, length: number): string {
  const characters = [...text];
  if (characters.length <= length) return text;
  return length <= 1 ? characters.slice(0, length).join("") : `${characters.slice(0, length - 1).join("")}…`;
}

/** The candidates nearest to a mistyped word (edit distance with transposition at most a third of its length), best first. */
export function nearest(word: string, candidates: readonly string[], limit = 1): string[] {
  const bound = Math.max(Math.floor(word.length / 3), 1);
  return candidates
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= bound && distance < Math.max(word.length, candidate.length))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, limit)
    .map(({ candidate }) => candidate);
}

function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8 || a.length > 64) return 100;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
}
