// Where in a log's files the wanted entries begin: found by halves or from the end, so that what is not wanted is not read.
import { fstatSync, readSync } from "node:fs";
import { type Entry, type LogFormat, newEntry } from "../../../container/log/format.ts";
import type { LogFile } from "./open.ts";

export interface Place {
  /** Of `files`; a place at the end of one may also be the beginning of the next. */
  readonly index: number;
  readonly offset: number;
}

const blockBytes = 1 << 20;
/** When no more than this is left to search, it is read through. */
const nearBytes = 1 << 16;
const probeBytes = 1 << 18;

export function placeOfEnd(files: readonly LogFile[]): Place {
  const last = files.at(-1);
  return { index: Math.max(0, files.length - 1), offset: last ? fstatSync(last.fd).size : 0 };
}

/** The first entry at or after a moment; entries are taken to be in order of time. */
export function placeOfMoment(files: readonly LogFile[], format: LogFormat, ms: number): Place {
  let index = files.length - 1;
  while (index > 0 && !beginsBefore(files[index], format, ms)) index--;
  const file = files[index];
  return file ? { index, offset: offsetOfMoment(file, format, ms) } : { index: 0, offset: 0 };
}

/** False for an empty file: the moment may lie in an earlier one. */
function beginsBefore(file: LogFile | undefined, format: LogFormat, ms: number): boolean {
  const first = file && entryAfter(file, format, 0);
  return first !== undefined && first.ms < ms;
}

function offsetOfMoment(file: LogFile, format: LogFormat, ms: number): number {
  let [low, high] = [0, fstatSync(file.fd).size];
  while (format.canBisect && high - low > nearBytes) {
    const middle = Math.floor((low + high) / 2);
    const found = entryAfter(file, format, middle);
    if (found && found.ms < ms) low = found.offset;
    else high = middle;
  }
  return scanForMoment(file, format, low, ms);
}

/** Goes through the entries from `offset` on. */
function scanForMoment({ fd }: LogFile, format: LogFormat, offset: number, ms: number): number {
  const buffer = Buffer.allocUnsafe(blockBytes);
  const entry = newEntry();
  for (let from = offset; ; ) {
    const end = readSync(fd, buffer, 0, blockBytes, from);
    let at = 0;
    for (let found = format.scan(buffer, at, end, entry); found !== "more"; found = format.scan(buffer, at, end, entry)) {
      if (found === "entry" && format.timeMs(buffer, entry) >= ms) return from + at;
      at = entry.next;
      if (at >= end) break;
    }
    if (at === 0) return from;
    from += at;
  }
}

/** The first entry that begins at or behind `offset`, which need not be a beginning where the format can bisect. */
function entryAfter({ fd }: LogFile, format: LogFormat, offset: number): { offset: number; ms: number } | undefined {
  const buffer = Buffer.allocUnsafe(probeBytes);
  const end = readSync(fd, buffer, 0, probeBytes, offset);
  const entry = newEntry();
  let at = offset === 0 ? 0 : buffer.subarray(0, end).indexOf(0x0a) + 1;
  if (offset > 0 && at === 0) return undefined;
  for (;;) {
    const found = format.scan(buffer, at, end, entry);
    if (found === "more" || (found === "skip" && entry.next >= end)) return undefined;
    if (found === "entry") return { offset: offset + at, ms: format.timeMs(buffer, entry) };
    at = entry.next;
  }
}

/**
 * Where the last `count` lines before a place begin, or fewer when they take more than `mostBytes`. Pieces of a long line count as one.
 */
export function placeOfTail(
  files: readonly LogFile[],
  format: LogFormat,
  before: Place,
  count: number,
  mostBytes = Number.POSITIVE_INFINITY,
): Place {
  let left = count;
  let passed = 0;
  const isSeen = [false, false];
  for (let index = before.index; index >= 0; index--) {
    const file = files[index];
    if (!file) continue;
    let end = index === before.index ? before.offset : fstatSync(file.fd).size;
    while (end > 0) {
      const from = Math.max(0, end - blockBytes);
      const data = readBlock(file.fd, from, end);
      const starts = format.entriesOf(data, from === 0);
      const entry: Entry = newEntry();
      for (const start of starts.toReversed()) {
        if (format.scan(data, start, data.length, entry) !== "entry") continue;
        // What has no end of line is a line only as the last of its stream: otherwise the end of it was counted.
        const isLine = format.isEnded(data, entry) || !isSeen[entry.stream];
        isSeen[entry.stream] = true;
        const isOver = passed > mostBytes && left < count;
        if (isLine && (isOver || left-- === 0)) return { index, offset: from + entry.next };
        passed += entry.next - start;
      }
      // An end that is being written, or was torn: what is whole before it is found from the beginning.
      const before = starts[0] === undefined ? lastWhole(file, format, end) : from + starts[0];
      if (before >= end) break;
      end = before;
    }
  }
  return { index: 0, offset: 0 };
}

/** Where the last whole entry before `end` ends. */
function lastWhole({ fd }: LogFile, format: LogFormat, end: number): number {
  const entry = newEntry();
  for (let from = 0; ; ) {
    const data = readBlock(fd, from, Math.min(end, from + blockBytes));
    let at = 0;
    while (at < data.length && format.scan(data, at, data.length, entry) === "entry") at = entry.next;
    if (at === 0) return from;
    from += at;
  }
}

function readBlock(fd: number, from: number, end: number): Buffer {
  const buffer = Buffer.allocUnsafe(end - from);
  return buffer.subarray(0, readSync(fd, buffer, 0, end - from, from));
}
