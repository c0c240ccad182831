// What a program prints, as lines: carriage returns write over, the cursor movements of progress displays move, colours and all else
// a terminal would obey are left out. Bounded. Pure.

export interface Folded {
  readonly lines: readonly string[];
  /** Where the next character goes; the column in characters. */
  readonly row: number;
  readonly column: number;
  /** The beginning of a sequence whose end has not come yet. */
  readonly rest: string;
  /** Lines that were too many. */
  readonly dropped: number;
}

export const nothingFolded: Folded = { lines: [], row: 0, column: 0, rest: "", dropped: 0 };

const most = { lines: 2000, columns: 2000, characters: 131_072, rest: 4096 } as const;

/** ECMA-48: control sequences, strings of the operating system and others, and escapes of two characters. */
const token = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-OQ-WYZ\\`-~]|[\n\r\b]|[^\x1b\n\r\b]+|\x1b/g;
const unfinished = /\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?$/;

interface Draft {
  lines: string[];
  row: number;
  column: number;
}

/** The text after what came before. */
export function foldOutput(before: Folded, text: string): Folded {
  const all = before.rest + text;
  const at = all.search(unfinished);
  const rest = at < 0 || all.length - at > most.rest ? "" : all.slice(at);
  const draft: Draft = { lines: [...before.lines], row: before.row, column: before.column };
  for (const [part] of all.slice(0, all.length - rest.length).matchAll(token)) step(draft, part);
  const over = surplus(draft.lines);
  if (over > 0) draft.lines.splice(0, over);
  return { lines: draft.lines, row: Math.max(draft.row - over, 0), column: draft.column, rest, dropped: before.dropped + over };
}

/** Lines at the top that are too many. */
function surplus(lines: readonly string[]): number {
  let left: number = most.characters;
  const first = lines.findLastIndex((line, at) => {
    left -= line.length + 1;
    return left < 0 || lines.length - at > most.lines;
  });
  return first + 1;
}

function step(draft: Draft, part: string): void {
  const first = part[0];
  if (part === "\n") {
    while (draft.lines.length <= draft.row) draft.lines.push("");
    draft.row++;
    draft.column = 0;
  } else if (part === "\r") draft.column = 0;
  else if (part === "\b") draft.column = Math.max(draft.column - 1, 0);
  else if (first !== "\x1b") write(draft, part);
  else if (part.startsWith("\x1b[")) control(draft, part);
}

function write(draft: Draft, text: string): void {
  while (draft.lines.length <= draft.row) draft.lines.push("");
  const line = draft.lines[draft.row] ?? "";
  const { column } = draft;
  draft.column = Math.min(column + text.length, most.columns);
  const whole = line.length === column ? line + text : line.padEnd(column).slice(0, column) + text + line.slice(column + text.length);
  draft.lines[draft.row] = whole.slice(0, most.columns);
}

function control(draft: Draft, sequence: string): void {
  const count = Math.max(Number(/^\x1b\[(\d+)/.exec(sequence)?.[1] ?? 1), 1);
  const { row, column } = draft;
  const line = draft.lines[row] ?? "";
  switch (sequence.at(-1)) {
    case "A":
    case "F":
      draft.row = Math.max(row - count, 0);
      if (sequence.endsWith("F")) draft.column = 0;
      break;
    case "B":
    case "E":
      draft.row = Math.min(row + count, Math.max(draft.lines.length, row));
      if (sequence.endsWith("E")) draft.column = 0;
      break;
    case "C":
      draft.column = Math.min(column + count, most.columns);
      break;
    case "D":
      draft.column = Math.max(column - count, 0);
      break;
    case "G":
      draft.column = Math.min(count - 1, most.columns);
      break;
    case "K":
      if (row < draft.lines.length)
        draft.lines[row] = /\[[12]K$/.test(sequence)
          ? /2K$/.test(sequence)
            ? ""
            : " ".repeat(column) + line.slice(column)
          : line.slice(0, column);
      break;
    case "J":
      if (/\[[23]J$/.test(sequence)) Object.assign(draft, { lines: [], row: 0, column: 0 });
      else if (row < draft.lines.length) draft.lines.splice(row, draft.lines.length - row, line.slice(0, column));
      break;
    case "H":
      // A program that draws a screen of its own starts again at its top.
      Object.assign(draft, { row: 0, column: 0 });
      break;
    default:
  }
}

/** The last line that says something. */
export const lastLine = ({ lines }: Folded): string => lines.findLast((line) => line.trim() !== "")?.trimEnd() ?? "";
