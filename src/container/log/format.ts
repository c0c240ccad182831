// What the formats of kept logs share: an entry is found in a buffer and described by where its parts stand, so that nothing is made
// of it before it is wanted. Pure.

/** One entry, written over by the next `scan`. */
export interface Entry {
  /** 0 stdout, 1 stderr. */
  stream: 0 | 1;
  /** The text as it is encoded. */
  textStart: number;
  textEnd: number;
  /** Where the next entry begins. */
  next: number;
  /** For the format itself: where it finds time and attributes. */
  timeStart: number;
  timeEnd: number;
  attributesStart: number;
  attributesEnd: number;
}

export const newEntry = (): Entry => ({
  stream: 0,
  textStart: 0,
  textEnd: 0,
  next: 0,
  timeStart: 0,
  timeEnd: 0,
  attributesStart: 0,
  attributesEnd: 0,
});

export interface LogFormat {
  /** Finds the entry at `at`: "more" when it is not whole, "skip" for what is none (`next` is where to go on). */
  scan(data: Buffer, at: number, end: number, entry: Entry): "entry" | "skip" | "more";
  /** Writes the text at `to`, returns where it ends. There must be room for as many bytes as it has encoded. */
  copyText(data: Buffer, entry: Entry, out: Buffer, to: number): number;
  /** Whether a line ends with it. */
  isEnded(data: Buffer, entry: Entry): boolean;
  /** Unix time in milliseconds, with a fraction. */
  timeMs(data: Buffer, entry: Entry): number;
  /** RFC 3339 with nine digits. */
  timeText(data: Buffer, entry: Entry): string;
  /** JSON object of the attributes, "" without any. */
  attributes(data: Buffer, entry: Entry): string;
  /** Beginnings of the whole entries of a part of a file that ends with one, in order; `isWhole`: the part is the beginning of the file. */
  entriesOf(data: Buffer, isWhole: boolean): number[];
  /** Whether `entriesOf` finds entries in any part, so that a moment can be searched by halves. */
  readonly canBisect: boolean;
}
