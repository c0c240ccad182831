// From entries to output bytes: each stream's runs are written together, times and attributes stand before each line.
import { type Entry, type LogFormat, newEntry } from "../../../container/log/format.ts";

export type LogStream = 0 | 1;

export interface LineStyle {
  readonly timestamps: boolean;
  readonly details: boolean;
}

/** Takes parts of a log, entry by entry. Returns how many bytes of `data` it has used. */
export type TakePart = (data: Buffer, end: number) => number;

const outputBytes = 1 << 20;

export interface Printer {
  readonly take: TakePart;
  flush(): void;
}

/** Prints the entries that `isWanted` (undefined: all). Nothing is made of an entry but its bytes in the output. */
export function makePrinter(
  format: LogFormat,
  style: LineStyle,
  isWanted: ((data: Buffer, entry: Entry) => boolean) | undefined,
  write: (stream: LogStream, bytes: Uint8Array) => void,
): Printer {
  const isPlain = !style.timestamps && !style.details;
  const entry = newEntry();
  const isContinued = [false, false];
  let out = Buffer.allocUnsafeSlow(outputBytes);
  let used = 0;
  let stream: LogStream = 0;
  const flush = () => {
    if (used > 0) write(stream, out.subarray(0, used));
    used = 0;
  };
  const add = (data: Buffer) => {
    const prefix = isPlain || isContinued[entry.stream] ? "" : prefixOf(format, style, data, entry);
    const most = entry.textEnd - entry.textStart + 1 + prefix.length * 3;
    if (entry.stream !== stream || used + most > out.length) flush();
    if (most > out.length) out = Buffer.allocUnsafeSlow(most);
    stream = entry.stream;
    if (prefix) used += out.write(prefix, used, "utf8");
    used = format.copyText(data, entry, out, used);
    if (!isPlain) isContinued[stream] = !format.isEnded(data, entry);
  };
  const take = (data: Buffer, end: number) => {
    let at = 0;
    while (at < end) {
      const found = format.scan(data, at, end, entry);
      if (found === "more") break;
      if (found === "entry" && (!isWanted || isWanted(data, entry))) add(data);
      at = entry.next;
    }
    return at;
  };
  return { take, flush };
}

/** As docker: the time, then the attributes and a space also where there are none. */
export function prefixOf(format: LogFormat, style: LineStyle, data: Buffer, entry: Entry): string {
  const time = style.timestamps ? `${format.timeText(data, entry)} ` : "";
  return style.details ? `${time}${renderAttributes(format.attributes(data, entry))} ` : time;
}

/** "a=b,c=d" by key, escaped as in a query. */
function renderAttributes(json: string): string {
  if (json === "") return "";
  const pairs = Object.entries(parseAttributes(json)).map(([key, value]) => `${escapeQuery(key)}=${escapeQuery(`${value}`)}`);
  return pairs.sort().join(",");
}

function parseAttributes(json: string): object {
  try {
    return Object(JSON.parse(json)) as object;
  } catch {
    return {};
  }
}

/** As Go's url.QueryEscape: all but letters, digits and -_.~; a space is a plus. */
function escapeQuery(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}

/** A whole line of one of several containers. */
export interface Line {
  readonly ms: number;
  readonly stream: LogStream;
  readonly bytes: Buffer;
}

/** A line without an end is cut here. */
const longestLine = 1 << 20;

/** Collects whole lines: pieces of long ones are joined. `rest` gives what has no end yet. */
export function makeCollector(
  format: LogFormat,
  style: LineStyle,
  isWanted: ((data: Buffer, entry: Entry) => boolean) | undefined,
  add: (line: Line) => void,
): { readonly take: TakePart; rest(): void } {
  const entry = newEntry();
  const waiting: { ms: number; pieces: Buffer[]; size: number }[] = [0, 1].map(() => ({ ms: 0, pieces: [], size: 0 }));
  const finish = (stream: LogStream, isCut: boolean) => {
    const line = waiting[stream];
    if (!line || line.pieces.length === 0) return;
    if (isCut) line.pieces.push(Buffer.from("\n"));
    add({ ms: line.ms, stream, bytes: Buffer.concat(line.pieces) });
    line.pieces = [];
    line.size = 0;
  };
  const put = (data: Buffer) => {
    const line = waiting[entry.stream];
    if (!line) return;
    if (line.pieces.length === 0) {
      line.ms = format.timeMs(data, entry);
      line.pieces.push(Buffer.from(prefixOf(format, style, data, entry)));
    }
    const text = Buffer.allocUnsafe(entry.textEnd - entry.textStart + 1);
    line.pieces.push(text.subarray(0, format.copyText(data, entry, text, 0)));
    line.size += text.length;
    if (format.isEnded(data, entry)) finish(entry.stream, false);
    else if (line.size > longestLine) finish(entry.stream, true);
  };
  const take = (data: Buffer, end: number) => {
    let at = 0;
    while (at < end) {
      const found = format.scan(data, at, end, entry);
      if (found === "more") break;
      if (found === "entry" && (!isWanted || isWanted(data, entry))) put(data);
      at = entry.next;
    }
    return at;
  };
  return {
    take,
    rest() {
      finish(0, true);
      finish(1, true);
    },
  };
}
