// Pieces of a message as the monitor takes them (native/README.md, `log-format`). Pure.

/** When a piece is part of the message: always, of stdout, of stderr, of a whole line, of a piece of one, of one with more to come, of the last. */
export type When = "*" | "o" | "e" | "w" | "p" | "m" | "l";

/** Bytes as they are. */
export const literal = (content: string | Buffer, when: When = "*"): string => `${when}x${Buffer.from(content).toString("hex")}`;

/** What the monitor fills in, by the letters of its table. */
const kinds = {
  "skip empty lines": "k",
  line: "l",
  "line in JSON": "j",
  "line after its length, 32 bits big endian": "b",
  "line after its length, 64 bits little endian": "e",
  "time as Jan _2 15:04:05": "t",
  "time in RFC 3339": "r",
  "time with microseconds": "m",
  "time in UTC with nanoseconds": "n",
  "seconds with milliseconds": "f",
  "seconds, 32 bits": "u",
  "nanoseconds, 32 bits": "v",
  "process id": "d",
  "piece's number": "o",
  "piece's number as msgpack string": "O",
  "id of a long line": "i",
} as const;

export const piece = (kind: keyof typeof kinds, when: When = "*"): string => `${when}${kinds[kind]}`;
