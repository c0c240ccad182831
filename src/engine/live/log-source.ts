// The log of one container, read in both directions from a place: what is older by going back in its files, what is newer by following them
// across rotations.
import type { ContainerRecord } from "../../container/record.ts";
import type { LogFiles, LogPlace } from "../container/log/file.ts";
import { type LineHolder, type LogLine, makeCounter, makeHolder } from "../container/log/held.ts";
import { placeOfEnd, placeOfMoment, placeOfTail } from "../container/log/seek.ts";
import { openLog } from "../container/log.ts";
import type { Engine } from "../engine.ts";
import type { LogQueue } from "./log-merge.ts";

/** Unix time, milliseconds. */
export type LogMoment = "end" | "start" | number;

export interface LogSource extends Disposable {
  /** As its lines have it. */
  readonly number: number;
  /** Lines that are older than what has been taken, and newer ones. */
  readonly before: LogQueue;
  readonly after: LogQueue;
  /** Reads on; the queue's `isAll` says whether that was the last, for now. */
  readOlder(): void;
  readNewer(): void;
  /** Lines older than this place are read anew; newer ones. */
  cutBefore(place: LogPlace): void;
  cutAfter(place: LogPlace): void;
  /** Passes by what nobody could read where so much was written, and says so. */
  catchUp(): void;
  /** Takes a line that has no end for one: nothing more will come. */
  finish(): void;
}

const older = { lines: 8000, bytes: 1 << 20 } as const;
const newerBytes = 1 << 16;
/** When so much has been written since the last look, only the last of it is read, and the rest counted as far as that is cheap. */
const behind = { mostBytes: 1 << 18, keptBytes: 1 << 16, lines: 500, countedBytes: 8 << 20 } as const;

/** Throws unsupported for a log that is kept nowhere. `share`: how many are read together. */
export function openLogSource(engine: Engine, record: ContainerRecord, number: number, from: LogMoment, share: number): LogSource {
  const before: LogQueue = { lines: [], isAll: false };
  const after: LogQueue = { lines: [], isAll: false };
  let files = openLog(engine, record);
  let holder: LineHolder = holderOf();
  let first: LogPlace | undefined;
  let lastMs = 0;
  function holderOf(): LineHolder {
    return makeHolder(files, number, (line) => {
      lastMs = line.ms;
      after.lines.push(line);
    });
  }
  function begin(): void {
    const { files: all, format } = files;
    const place = from === "end" ? placeOfEnd(all) : from === "start" ? { index: 0, offset: 0 } : placeOfMoment(all, format, from);
    const file = all[place.index];
    first = file && { file: file.identity, offset: place.offset };
    files.begin(place.index, place.offset);
    before.isAll = !file || (place.index === 0 && place.offset === 0);
  }
  function readOlder(): void {
    if (before.isAll || !first) return;
    using past = openLog(engine, record);
    const end = first;
    const index = past.files.findIndex(({ identity }) => identity === end.file);
    // Rotated away meanwhile, with all that is older.
    if (index < 0) {
      before.isAll = true;
      return;
    }
    const place = placeOfTail(past.files, past.format, { index, offset: end.offset }, Math.ceil(older.lines / share), older.bytes);
    const file = past.files[place.index]?.identity ?? end.file;
    first = { file, offset: place.offset };
    before.isAll = (place.index === 0 && place.offset === 0) || (file === end.file && place.offset >= end.offset);
    const read: LogLine[] = [];
    const { take, rest } = makeHolder(past, number, (line) => read.push(line));
    past.begin(place.index, place.offset);
    past.endAt(end);
    while (past.read(take));
    rest();
    before.lines = [...read, ...before.lines];
  }
  begin();
  return {
    number,
    before,
    after,
    readOlder,
    readNewer() {
      const count = after.lines.length;
      after.isAll = !files.read(holder.take, newerBytes);
      if (files.takeGap()) after.lines.splice(count, 0, noticeOf(number, lastMs, "lines may have been rotated away before they were read"));
    },
    cutBefore(place) {
      before.lines = [];
      before.isAll = false;
      first = place;
    },
    cutAfter(place) {
      files[Symbol.dispose]();
      files = openLog(engine, record);
      holder = holderOf();
      const index = files.files.findIndex(({ identity }) => identity === place.file);
      files.begin(Math.max(index, 0), index < 0 ? 0 : place.offset);
      after.lines = [];
      after.isAll = false;
    },
    catchUp() {
      if (files.aheadBytes <= behind.mostBytes) return;
      holder.rest();
      after.lines.push(noticeOf(number, lastMs, passedText(passBy(files))));
      after.isAll = false;
    },
    finish: () => holder.rest(),
    [Symbol.dispose]: () => files[Symbol.dispose](),
  };
}

/** Counts what is not read. */
function passBy(files: LogFiles): { readonly lines: number; readonly isMore: boolean } {
  const { take, count } = makeCounter(files);
  for (let left: number = behind.countedBytes; left > 0 && files.aheadBytes > behind.keptBytes; left -= behind.mostBytes)
    if (!files.read(take, Math.min(files.aheadBytes - behind.keptBytes, behind.mostBytes))) break;
  const isMore = files.aheadBytes > behind.mostBytes;
  if (isMore) {
    const { index, offset } = placeOfTail(files.files, files.format, placeOfEnd(files.files), behind.lines, behind.keptBytes);
    files.begin(index, offset);
  }
  return { lines: count(), isMore };
}

const passedText = ({ lines, isMore }: { readonly lines: number; readonly isMore: boolean }): string =>
  lines === 0 && !isMore ? "a part of a line passed by" : `${isMore ? "more than " : ""}${lines.toLocaleString("en-US")} lines passed by`;

/** Something said among the lines. */
export const noticeOf = (source: number, ms: number, text: string): LogLine => ({
  source,
  ms,
  stream: 0,
  text,
  bytes: text.length,
  at: { file: "", offset: 0 },
  end: { file: "", offset: 0 },
  isNotice: true,
});
