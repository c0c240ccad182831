// DNS messages as bytes (RFC 1035 section 4, EDNS of RFC 6891), as far as a server looks at each of them: the question of a query, whether
// an answer belongs to it, and how a long one is cut. Pure; what is answered is not known here. Records are encoded in record.ts.

export const rcode = { noError: 0, formErr: 1, servFail: 2, nxDomain: 3, notImp: 4, refused: 5 } as const;

/** Bits of the second word of a header. */
export const flag = { response: 0x8000, authoritative: 0x0400, truncated: 0x0200, wanted: 0x0100, available: 0x0080, checking: 0x0010 };

export const headerBytes = 12;
/** Most of a message by UDP without EDNS, and the most of one that this server sends. */
export const plainUdpBytes = 512;
export const mostUdpBytes = 4096;
export const mostBytes = 65_535;

const optionType = 41;
/** OPT: root name, type, size, extended rcode, version, flags, no options. */
export const optionBytes = 11;

export interface Edns {
  /** Largest UDP message the sender takes; at least 512. */
  readonly sizeBytes: number;
  readonly version: number;
  /** The DO bit. */
  readonly wantsSignatures: boolean;
}

export interface Query {
  readonly id: number;
  /** The second word of its header. */
  readonly flags: number;
  /** Where the question ends. */
  readonly end: number;
  readonly type: number;
  readonly class: number;
  readonly edns?: Edns;
}

/** What cannot be answered: with this code, or, without one, not at all. */
export interface Unanswerable {
  readonly rcode: number | undefined;
}

const silence: Unanswerable = { rcode: undefined };
const malformed: Unanswerable = { rcode: rcode.formErr };

/** End of the name at `at`; -1 where it is none. `pointers`: a compressed name ends at its first pointer. */
export function skipName(message: Uint8Array, at: number, pointers: boolean): number {
  const start = at;
  for (;;) {
    const length = message[at];
    if (length === undefined) return -1;
    if (length === 0) return at + 1 - start > 255 ? -1 : at + 1;
    if (length >= 0xc0) return pointers && at + 2 <= message.length ? at + 2 : -1;
    if (length > 63) return -1;
    at += length + 1;
    if (at - start > 254) return -1;
  }
}

/** Reads a query that somebody sent. */
export function readQuery(message: Buffer): Query | Unanswerable {
  if (message.length < headerBytes) return silence;
  const flags = message.readUInt16BE(2);
  // Two servers that answer each other's answers would never end.
  if ((flags & flag.response) !== 0) return silence;
  if ((flags & 0x7800) !== 0) return { rcode: rcode.notImp };
  if (message.readUInt16BE(4) !== 1 || message.readUInt16BE(6) !== 0 || message.readUInt16BE(8) !== 0) return malformed;
  const end = skipName(message, headerBytes, false) + 4;
  if (end < headerBytes + 5 || end > message.length) return malformed;
  const id = message.readUInt16BE(0);
  const type = message.readUInt16BE(end - 4);
  const ofClass = message.readUInt16BE(end - 2);
  const additional = message.readUInt16BE(10);
  if (additional === 0) return { id, flags, end, type, class: ofClass };
  const edns = readEdns(message, end, additional);
  if (edns === undefined) return malformed;
  return { id, flags, end, type, class: ofClass, ...(edns === "none" ? {} : { edns }) };
}

/** Undefined: no such records, or two of them. */
function readEdns(message: Buffer, at: number, count: number): Edns | "none" | undefined {
  let found: Edns | undefined;
  for (let i = 0; i < count; i++) {
    const record = readRecord(message, at);
    if (record === undefined) return undefined;
    if (record.type === optionType) {
      if (found || record.data - at !== optionBytes) return undefined;
      found = {
        sizeBytes: Math.max(message.readUInt16BE(at + 3), plainUdpBytes),
        version: message[at + 6] ?? 0,
        wantsSignatures: ((message[at + 7] ?? 0) & 0x80) !== 0,
      };
    }
    at = record.end;
  }
  return found ?? "none";
}

/** A record of a message: where its data begins and where it ends. Undefined: it is not whole. */
export function readRecord(
  message: Buffer,
  at: number,
): { readonly type: number; readonly data: number; readonly end: number } | undefined {
  const after = skipName(message, at, true);
  if (after < 0 || after + 10 > message.length) return undefined;
  const data = after + 10;
  const end = data + message.readUInt16BE(after + 8);
  return end > message.length ? undefined : { type: message.readUInt16BE(after), data, end };
}

/**
 * The name of a question as text: lower case, without the last dot; bytes that are no letter, digit, hyphen or underscore
 * as `\DDD` (RFC 1035 section 5.1). The root is "".
 */
export function nameOfQuestion(message: Uint8Array, at = headerBytes): string {
  let name = "";
  for (let length = message[at] ?? 0; length !== 0; length = message[at] ?? 0) {
    if (name !== "") name += ".";
    for (let i = at + 1; i <= at + length; i++) name += letter(message[i] ?? 0);
    at += length + 1;
  }
  return name;
}

function letter(byte: number): string {
  if (byte >= 65 && byte <= 90) return String.fromCharCode(byte + 32);
  if ((byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57) || byte === 45 || byte === 95) return String.fromCharCode(byte);
  return `\\${byte.toString().padStart(3, "0")}`;
}

/** True when `answer` is one to the question of `query` (which is well formed) under that id. Case does not count: some servers change it. */
export function isAnswerTo(answer: Buffer, query: Buffer, end: number, id: number): boolean {
  if (answer.length < end || answer.readUInt16BE(0) !== id) return false;
  if ((answer.readUInt16BE(2) & 0xf800) !== flag.response || answer.readUInt16BE(4) !== 1) return false;
  if (answer.readUInt32BE(end - 4) !== query.readUInt32BE(end - 4)) return false;
  for (let i = headerBytes; i < end - 4; i++) {
    const [one = 0, other = 0] = [answer[i], query[i]];
    if (one !== other && ((one ^ other) !== 0x20 || (one | 0x20) < 97 || (one | 0x20) > 122)) return false;
  }
  return true;
}

export const rcodeOf = (message: Buffer): number => message.readUInt16BE(2) & 15;
export const isTruncated = (message: Buffer): boolean => (message.readUInt16BE(2) & flag.truncated) !== 0;

/** The most bytes of an answer to this query. */
export function limitOf({ edns }: Query, isStream: boolean): number {
  return isStream ? mostBytes : Math.min(edns?.sizeBytes ?? plainUdpBytes, mostUdpBytes);
}

/** The answer as it fits into `limit` bytes: of a longer one the records that fit whole, marked as truncated, with its OPT. */
export function cut(answer: Buffer, limit: number): Buffer {
  if (answer.length <= limit) return answer;
  const question = skipName(answer, headerBytes, false) + 4;
  if (question < headerBytes + 5 || question > limit) return withCounts(answer.subarray(0, headerBytes), 0, 0, 0);
  const answers = answer.readUInt16BE(6);
  const option = findOption(answer, question);
  const room = limit - (option?.length ?? 0);
  let kept = 0;
  let end = question;
  for (; kept < answers; kept++) {
    const record = readRecord(answer, end);
    if (record === undefined || record.end > room) break;
    end = record.end;
  }
  const head = answer.subarray(0, end);
  return withCounts(option ? Buffer.concat([head, option]) : head, 1, kept, option ? 1 : 0);
}

function withCounts(message: Buffer, questions: number, answers: number, additional: number): Buffer {
  const made = Buffer.from(message);
  made.writeUInt16BE(made.readUInt16BE(2) | flag.truncated, 2);
  made.writeUInt16BE(questions, 4);
  made.writeUInt16BE(answers, 6);
  made.writeUInt16BE(0, 8);
  made.writeUInt16BE(additional, 10);
  return made;
}

function findOption(message: Buffer, at: number): Buffer | undefined {
  const count = message.readUInt16BE(6) + message.readUInt16BE(8) + message.readUInt16BE(10);
  for (let i = 0; i < count; i++) {
    const record = readRecord(message, at);
    if (record === undefined) return undefined;
    if (record.type === optionType && message[at] === 0) return message.subarray(at, record.end);
    at = record.end;
  }
  return undefined;
}

/** What is asked of another server: the question, the flags that belong to it and EDNS; no options, which are between two neighbours. */
export function forwardedQuery(message: Buffer, { flags, end, edns }: Query, sizeBytes: number): Buffer {
  const made = Buffer.alloc(end + (edns ? optionBytes : 0));
  message.copy(made, headerBytes, headerBytes, end);
  // RD, AD and CD are the asker's
  made.writeUInt16BE(flags & 0x0130, 2);
  made.writeUInt16BE(1, 4);
  if (edns) {
    made.writeUInt16BE(1, 10);
    writeOption(made, end, Math.min(edns.sizeBytes, sizeBytes), edns.wantsSignatures);
  }
  return made;
}

/** Writes an OPT record of `optionBytes` bytes at `at`. */
export function writeOption(out: Buffer, at: number, sizeBytes: number, wantsSignatures = false, extendedRcode = 0): void {
  out[at] = 0;
  out.writeUInt16BE(optionType, at + 1);
  out.writeUInt16BE(sizeBytes, at + 3);
  out[at + 5] = extendedRcode;
  out[at + 6] = 0;
  out.writeUInt16BE(wantsSignatures ? 0x8000 : 0, at + 7);
  out.writeUInt16BE(0, at + 9);
}
