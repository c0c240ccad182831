// The own format, which keeps every byte (native/log.c): u32 size, u8 flags, "TL1", u64 nanoseconds since 1970, the bytes, u32 size again;
// little endian. The size at the end lets it be read backwards. Pure.
import type { LogFormat } from "../format.ts";

const headBytes = 16;
const tailBytes = 4;
/** Lines are split at this size. */
const mostBytes = 16384;
const flag = { stderr: 1, ended: 2 } as const;
const newLine = 0x0a;

export const localFormat: LogFormat = {
  canBisect: false,

  scan(data, at, end, entry) {
    if (end - at < headBytes + tailBytes) return "more";
    const size = sizeAt(data, at);
    if (size < 0) {
      // Nothing after it can be trusted.
      entry.next = end;
      return "skip";
    }
    const next = at + headBytes + size + tailBytes;
    if (next > end) return "more";
    entry.next = next;
    entry.textStart = at + headBytes;
    entry.textEnd = entry.textStart + size;
    entry.timeStart = at + 8;
    entry.stream = ((data[at + 4] as number) & flag.stderr) as 0 | 1;
    return "entry";
  },

  copyText(data, entry, out, to) {
    const size = entry.textEnd - entry.textStart;
    // A call into the runtime costs more than a short loop.
    if (size > 128) data.copy(out, to, entry.textStart, entry.textEnd);
    else for (let i = 0; i < size; i++) out[to + i] = data[entry.textStart + i] as number;
    if (!this.isEnded(data, entry)) return to + size;
    out[to + size] = newLine;
    return to + size + 1;
  },

  isEnded: (data, entry) => ((data[entry.timeStart - 4] as number) & flag.ended) !== 0,

  timeMs: (data, entry) => Number(data.readBigUInt64LE(entry.timeStart)) / 1e6,

  timeText(data, entry) {
    const nanos = data.readBigUInt64LE(entry.timeStart);
    const second = new Date(Number(nanos / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
    return `${second}.${String(nanos % 1_000_000_000n).padStart(9, "0")}Z`;
  },

  attributes: () => "",

  entriesOf(data, isWhole) {
    const found: number[] = [];
    let end = data.length;
    while (end >= headBytes + tailBytes) {
      const size = data.readUInt32LE(end - tailBytes);
      const start = end - tailBytes - size - headBytes;
      if (size > mostBytes || start < 0 || sizeAt(data, start) !== size) break;
      found.push(start);
      end = start;
    }
    if (end > 0 && isWhole && found.length === 0) return forwards(data);
    return found.reverse();
  },
};

/** Size of the entry whose head stands there; -1: none does. */
function sizeAt(data: Buffer, at: number): number {
  if (data[at + 5] !== 0x54 || data[at + 6] !== 0x4c || data[at + 7] !== 0x31) return -1;
  const size = data.readUInt32LE(at);
  return size > mostBytes ? -1 : size;
}

/** Whole entries of a file whose end is not one: it is being written, or the machine stopped. */
function forwards(data: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at + headBytes + tailBytes <= data.length; ) {
    const size = sizeAt(data, at);
    const next = at + headBytes + size + tailBytes;
    if (size < 0 || next > data.length) break;
    found.push(at);
    at = next;
  }
  return found;
}
