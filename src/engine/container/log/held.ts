// Lines of a log as they are held for a person to look at: text up to a bound, time, stream, and where in the log they stand, so that what is
// not held can be read again. Knows entries by their format only.
import { type Entry, newEntry } from "../../../container/log/format.ts";
import type { LogFiles, LogPlace } from "./file.ts";
import type { TakePart } from "./line.ts";

export interface LogLine {
  /** Place of its container among those that are shown together. */
  readonly source: number;
  /** Unix time, milliseconds with a fraction. */
  readonly ms: number;
  readonly stream: 0 | 1;
  /** Its beginning, as it was written, without the end of line. */
  readonly text: string;
  /** Of all of it. */
  readonly bytes: number;
  /** There is more of it than `text`. */
  readonly isCut?: true;
  /** Of its first entry, and behind its last one. */
  readonly at: LogPlace;
  readonly end: LogPlace;
  /** No line of the log: something that is to be said at this place. */
  readonly isNotice?: true;
}

/** More of a line is not held. */
export const mostHeldBytes = 8192;
/** A line without an end is cut here. */
const longestLine = 64 << 20;

export interface LineHolder {
  readonly take: TakePart;
  /** Gives what has no end yet. */
  rest(): void;
}

interface Draft {
  ms: number;
  pieces: Buffer[];
  held: number;
  bytes: number;
  at: LogPlace;
  end: LogPlace;
}

/** Makes lines of what is read from `files`; pieces of long lines are joined. */
export function makeHolder(files: LogFiles, source: number, add: (line: LogLine) => void): LineHolder {
  const { format } = files;
  const entry = newEntry();
  const drafts: (Draft | undefined)[] = [undefined, undefined];
  let scratch = Buffer.allocUnsafe(1 << 16);
  const finish = (stream: 0 | 1) => {
    const draft = drafts[stream];
    if (!draft) return;
    drafts[stream] = undefined;
    const { ms, at, end, bytes } = draft;
    const line = { source, ms, stream, text: Buffer.concat(draft.pieces).toString("utf8"), bytes, at, end };
    add(bytes > mostHeldBytes ? { ...line, isCut: true } : line);
  };
  const put = (data: Buffer, start: number) => {
    const { file, offset } = files.place;
    const most = entry.textEnd - entry.textStart + 1;
    if (most > scratch.length) scratch = Buffer.allocUnsafe(most);
    const written = format.copyText(data, entry, scratch, 0);
    const isEnded = format.isEnded(data, entry);
    const bytes = isEnded ? written - 1 : written;
    const end = { file, offset: offset + entry.next };
    const { stream } = entry;
    const before = drafts[stream];
    if (!before && isEnded) {
      const text = scratch.toString("utf8", 0, Math.min(bytes, mostHeldBytes));
      const line = { source, ms: format.timeMs(data, entry), stream, text, bytes, at: { file, offset: offset + start }, end };
      add(bytes > mostHeldBytes ? { ...line, isCut: true } : line);
      return;
    }
    const draft = before ?? { ms: format.timeMs(data, entry), pieces: [], held: 0, bytes: 0, at: { file, offset: offset + start }, end };
    drafts[stream] = draft;
    const held = Math.min(bytes, mostHeldBytes - draft.held);
    if (held > 0) draft.pieces.push(Buffer.from(scratch.subarray(0, held)));
    draft.held += held;
    draft.bytes += bytes;
    draft.end = end;
    if (isEnded || draft.bytes > longestLine) finish(stream);
  };
  return {
    take: (data, end) => eachEntry(files, data, end, entry, (start) => put(data, start)),
    rest() {
      finish(0);
      finish(1);
    },
  };
}

/** Counts the lines of what is read and makes nothing of them. */
export function makeCounter(files: LogFiles): { readonly take: TakePart; readonly count: () => number } {
  const entry = newEntry();
  let count = 0;
  return {
    count: () => count,
    take: (data, end) =>
      eachEntry(files, data, end, entry, () => {
        if (files.format.isEnded(data, entry)) count++;
      }),
  };
}

/** Returns how much of the data has been used. */
function eachEntry({ format }: LogFiles, data: Buffer, end: number, entry: Entry, use: (start: number) => void): number {
  let at = 0;
  while (at < end) {
    const found = format.scan(data, at, end, entry);
    if (found === "more") break;
    if (found === "entry") use(at);
    at = entry.next;
  }
  return at;
}
