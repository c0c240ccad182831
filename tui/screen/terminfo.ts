// A compiled entry of terminfo (term(5)): what of it decides whether and how the dashboard can be shown, and the entry in the old format,
// which is the only one that blessed reads rightly. Pure.

const oldMagic = 0x11a;
/** Since ncurses 6.1, where a number does not fit into 16 bits; so are xterm-256color and its like. */
const wideMagic = 0x21e;
const headBytes = 12;
/** Places in the tables of capabilities. */
const place = { maxColors: 13, cursorAddress: 10 } as const;
/** cnorm, sgr0, rmir, rmkx, smam. */
const resets = [16, 39, 42, 88, 151] as const;

export interface Terminfo {
  /** 0 where it has none. */
  readonly colours: number;
  /** The cursor can be put anywhere. */
  readonly canMove: boolean;
  /** Its sequences are those of ECMA-48, as of VT100, xterm and nearly all others. */
  readonly isAnsi: boolean;
  /** What makes cursor, styles, insertion, keys and wrapping usual again, as far as it is told. */
  readonly reset: string;
  /** Without extended capabilities, of which blessed cannot make sense. */
  readonly old: Buffer;
}

/** Undefined for what is no entry of terminfo. */
export function parseTerminfo(data: Buffer): Terminfo | undefined {
  if (data.length < headBytes) return undefined;
  const magic = data.readUInt16LE(0);
  if (magic !== oldMagic && magic !== wideMagic) return undefined;
  const width = magic === wideMagic ? 4 : 2;
  const [names = 0, bools = 0, numbers = 0, strings = 0, table = 0] = [2, 4, 6, 8, 10].map((at) => data.readUInt16LE(at));
  const numbersAt = headBytes + names + bools + ((names + bools) % 2);
  const stringsAt = numbersAt + numbers * width;
  const end = stringsAt + strings * 2 + table;
  if (end > data.length) return undefined;
  const numberOf = (at: number): number =>
    at >= numbers ? -1 : width === 4 ? data.readInt32LE(numbersAt + at * 4) : data.readInt16LE(numbersAt + at * 2);
  const narrow = Buffer.alloc(numbers * 2);
  for (let at = 0; at < numbers; at++) narrow.writeInt16LE(Math.min(numberOf(at), 0x7fff), at * 2);
  const stringOf = (at: number): string => {
    const from = at < strings ? data.readInt16LE(stringsAt + at * 2) : -1;
    if (from < 0 || from >= table) return "";
    const value = data.subarray(stringsAt + strings * 2 + from, end);
    // Pauses are meant for lines of 1200 baud.
    return value.toString("latin1", 0, Math.max(value.indexOf(0), 0)).replace(/\$<[^>]*>/g, "");
  };
  const head = Buffer.from(data.subarray(0, numbersAt));
  head.writeUInt16LE(oldMagic, 0);
  return {
    colours: Math.max(numberOf(place.maxColors), 0),
    canMove: stringOf(place.cursorAddress) !== "",
    isAnsi: stringOf(place.cursorAddress).startsWith("\x1b["),
    reset: resets.map(stringOf).join(""),
    old: Buffer.concat([head, narrow, data.subarray(stringsAt, end)]),
  };
}
