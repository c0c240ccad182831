// The lines of several logs that are held at a time: a window that moves over them, of bounded size, in order of time, of those lines that
// pass a filter. Lines are numbered: a number stays a line's while it is held.
import type { LogLine } from "../container/log/held.ts";
import { takeNewer, takeOlder } from "./log-merge.ts";
import type { LogSource } from "./log-source.ts";

export interface LogWindow {
  /** Number of the first line. */
  readonly base: number;
  readonly lines: readonly LogLine[];
  /** Nothing is older; nothing is newer, for now. */
  readonly isStart: boolean;
  readonly isEnd: boolean;
  /** One slice of work; returns the lines that came, which are the first ones (the last ones) now. */
  older(): readonly LogLine[];
  newer(): readonly LogLine[];
  /** More may have been written. */
  wake(): void;
  say(line: LogLine): void;
}

export const mostHeld = { lines: 12_000, characters: 6_000_000 } as const;
/** Matched at once: what comes next waits for its turn. */
const sliceCharacters = 1 << 16;
/** What is said stands at most so many lines before the end. */
const mostLate = 200;

export function createLogWindow(sources: readonly LogSource[], passes: ((line: LogLine) => boolean) | undefined): LogWindow {
  let lines: LogLine[] = [];
  let base = 0;
  let characters = 0;
  const sizeOf = (some: readonly LogLine[]): number => some.reduce((sum, { text }) => sum + text.length, 0);
  const accept = (some: readonly LogLine[]): readonly LogLine[] => (passes ? some.filter((line) => line.isNotice || passes(line)) : some);
  /** How many of `some`, from one side, have to go. */
  function tooMany(): number {
    let over = Math.max(lines.length - mostHeld.lines, 0);
    for (let rest = characters; rest > mostHeld.characters && over < lines.length - 1; over++) rest -= lines[over]?.text.length ?? 0;
    return over;
  }
  function dropFirst(count: number): void {
    if (count === 0) return;
    const dropped = lines.slice(0, count);
    lines = lines.slice(count);
    base += count;
    characters -= sizeOf(dropped);
    for (const source of sources) {
      const last = dropped.findLast((line) => line.source === source.number && !line.isNotice);
      if (last) source.cutBefore(last.end);
    }
  }
  function dropLast(count: number): void {
    if (count === 0) return;
    const dropped = lines.slice(-count);
    lines = lines.slice(0, -count);
    characters -= sizeOf(dropped);
    for (const source of sources) {
      const first = dropped.find((line) => line.source === source.number && !line.isNotice);
      if (first) source.cutAfter(first.at);
    }
  }
  return {
    get base() {
      return base;
    },
    get lines() {
      return lines;
    },
    get isStart() {
      return sources.every(({ before }) => before.isAll && before.lines.length === 0);
    },
    get isEnd() {
      return sources.every(({ after }) => after.isAll && after.lines.length === 0);
    },
    older() {
      for (const source of sources) if (!source.before.isAll && source.before.lines.length === 0) source.readOlder();
      const taken = takeOlder(
        sources.map(({ before }) => before),
        sliceCharacters,
      );
      const come = accept(taken);
      if (come.length > 0) lines = [...come, ...lines];
      base -= come.length;
      characters += sizeOf(come);
      dropLast(tooMany());
      return come;
    },
    newer() {
      for (const source of sources) if (!source.after.isAll && source.after.lines.length === 0) source.readNewer();
      const taken = takeNewer(
        sources.map(({ after }) => after),
        sliceCharacters,
      );
      const come = accept(taken);
      // The same array where nothing has come.
      if (come.length > 0) lines = [...lines, ...come];
      characters += sizeOf(come);
      dropFirst(tooMany());
      return come;
    },
    wake() {
      for (const { after } of sources) after.isAll = false;
    },
    say(line) {
      // What was written after it may have been read before. It tells of whole milliseconds, and what a container has written comes before its end.
      const endMs = Math.floor(line.ms) + 1;
      let at = lines.length;
      while (at > Math.max(lines.length - mostLate, 0) && (lines[at - 1]?.ms ?? 0) >= endMs) at--;
      lines = lines.toSpliced(at, 0, line);
      characters += line.text.length;
      dropFirst(tooMany());
    },
  };
}
