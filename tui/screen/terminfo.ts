// A compiled entry of terminfo (term(5)): what of it decides whether and how the dashboard can be shown, and the entry in the old format,
// which is the only one that blessed reads rightly. Pure.

const oldMagic = 0x11a;
/** Since ncurses 6.1, where a number does not fit into 16 bits; so are xterm-256color and its like. */
const wideMagic = 0x21e;
const headBytes = 12;
/** Places in the table of capabilities. */
const place = { maxColors: 13, cursorAddress: 10 } as const;

export interface Terminfo {
  /** 0 where it has none. */
  readonly colours: number;
  /** The cursor can be put anywhere. */
  readonly canMove: boolean;
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
  const head = Buffer.from(data.subarray(0, numbersAt));
  head.writeUInt16LE(oldMagic, 0);
  return {
    colours: Math.max(numberOf(place.maxColors), 0),
    canMove: strings > place.cursorAddress && data.readInt16LE(stringsAt + place.cursorAddress * 2) >= 0,
    old: Buffer.concat([head, narrow, data.subarray(stringsAt, end)]),
  };
}
