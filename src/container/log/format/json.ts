// docker's json-file format: a JSON object in each line, {"log":"...","stream":"stdout","attrs":{...},"time":"..."}. Text is unescaped byte by
// byte: no string is made of it. What another writer left in another order is no entry. Pure.
import type { Entry, LogFormat } from "../format.ts";

const head = Buffer.from('{"log":"');
/** Between text and time, as it stands where there are no attributes; the fifth letter from the end tells the streams apart. */
const stdoutTail = Buffer.from('","stream":"stdout",');
const stderrTail = Buffer.from('","stream":"stderr",');
const timeHead = Buffer.from('"time":"');
const attributesHead = Buffer.from('"attrs":');

const newLine = 0x0a;
const quote = 0x22;
const backslash = 0x5c;

export const jsonFormat: LogFormat = {
  canBisect: true,

  scan(data, at, end, entry) {
    const line = data.indexOf(newLine, at);
    if (line < 0 || line >= end) return "more";
    entry.next = line + 1;
    // ...","time":"2026-01-01T00:00:00.123456789Z"}
    if (line - at < 40 || data[line - 1] !== 0x7d || data[line - 2] !== quote || !holds(data, at, head)) return "skip";
    let time = line - 3;
    while (time > at && data[time] !== quote) time--;
    const tail = time - timeHead.length + 1;
    if (tail < at + head.length || !holds(data, tail, timeHead)) return "skip";
    entry.timeStart = time + 1;
    entry.timeEnd = line - 2;
    entry.textStart = at + head.length;
    entry.attributesStart = 0;
    entry.attributesEnd = 0;
    return endOfText(data, tail, entry) ? "entry" : "skip";
  },

  copyText(data, { textStart, textEnd }, out, to) {
    let from = textStart;
    let at = to;
    while (from < textEnd) {
      const byte = data[from++] as number;
      if (byte !== backslash) {
        out[at++] = byte;
        continue;
      }
      const escaped = data[from++];
      if (escaped === 0x6e) out[at++] = newLine;
      else if (escaped === 0x75) {
        const code = hexAt(data, from);
        from += 4;
        if (code >= 0xd800 && code < 0xdc00 && data[from] === backslash && data[from + 1] === 0x75) {
          const low = hexAt(data, from + 2);
          if (low >= 0xdc00 && low < 0xe000) {
            from += 6;
            at = writeUtf8(out, at, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00));
            continue;
          }
        }
        at = writeUtf8(out, at, code >= 0xd800 && code < 0xe000 ? 0xfffd : code);
      } else out[at++] = plainEscape(escaped ?? backslash);
    }
    return at;
  },

  isEnded(data, { textStart, textEnd }) {
    if (textEnd - textStart < 2 || data[textEnd - 1] !== 0x6e || data[textEnd - 2] !== backslash) return false;
    let before = textEnd - 3;
    while (before >= textStart && data[before] === backslash) before--;
    return (textEnd - 3 - before) % 2 === 0;
  },

  timeMs(data, { timeStart, timeEnd }) {
    const text = data.toString("latin1", timeStart, timeEnd);
    const dot = text.indexOf(".");
    if (dot !== 19 || !text.endsWith("Z")) return Date.parse(text);
    return Date.parse(`${text.slice(0, dot)}Z`) + Number(`0${text.slice(dot, -1)}`) * 1000;
  },

  timeText(data, { timeStart, timeEnd }) {
    return fixedTime(data.toString("latin1", timeStart, timeEnd));
  },

  attributes(data, { attributesStart, attributesEnd }) {
    return attributesEnd > attributesStart ? data.toString("utf8", attributesStart, attributesEnd) : "";
  },

  entriesOf(data, isWhole) {
    const found: number[] = [];
    for (let at = isWhole ? 0 : data.indexOf(newLine) + 1; at < data.length; at = data.indexOf(newLine, at) + 1) {
      found.push(at);
      if (data.indexOf(newLine, at) < 0) break;
    }
    return found;
  },
};

/** Sets stream, end of the text and attributes from what stands before the time. */
function endOfText(data: Buffer, tail: number, entry: Entry): boolean {
  const plain = tail - stdoutTail.length;
  if (plain >= entry.textStart) {
    if (holds(data, plain, stdoutTail)) return setEnd(entry, plain, 0);
    if (holds(data, plain, stderrTail)) return setEnd(entry, plain, 1);
  }
  // With attributes: theirs may look like anything, so the end of the text is looked for from its beginning.
  let at = entry.textStart;
  while (at < tail && data[at] !== quote) at += data[at] === backslash ? 2 : 1;
  const isStderr = holds(data, at, stderrTail);
  if (!isStderr && !holds(data, at, stdoutTail)) return false;
  const attributes = at + stdoutTail.length;
  if (!holds(data, attributes, attributesHead) || data[tail - 1] !== 0x2c) return false;
  entry.attributesStart = attributes + attributesHead.length;
  entry.attributesEnd = tail - 1;
  return setEnd(entry, at, isStderr ? 1 : 0);
}

function setEnd(entry: Entry, at: number, stream: 0 | 1): boolean {
  entry.textEnd = at;
  entry.stream = stream;
  return true;
}

function holds(data: Buffer, at: number, what: Buffer): boolean {
  for (let i = 0; i < what.length; i++) if (data[at + i] !== what[i]) return false;
  return true;
}

const hexAt = (data: Buffer, at: number): number => Number.parseInt(data.toString("latin1", at, at + 4), 16) || 0;

function plainEscape(byte: number): number {
  switch (byte) {
    case 0x72:
      return 0x0d;
    case 0x74:
      return 0x09;
    case 0x62:
      return 0x08;
    case 0x66:
      return 0x0c;
    default:
      return byte;
  }
}

function writeUtf8(out: Buffer, at: number, code: number): number {
  if (code < 0x80) {
    out[at] = code;
    return at + 1;
  }
  return at + out.write(String.fromCodePoint(code), at, "utf8");
}

/** The log leaves trailing zeros out, as Go's RFC3339Nano does; printed times have nine digits, so that columns stand. */
function fixedTime(time: string): string {
  return time.replace(/(?:\.(\d+))?Z$/, (_, digits = "") => `.${digits.padEnd(9, "0")}Z`);
}
