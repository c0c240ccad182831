// What this server answers by itself: made once per question and container, kept as bytes, written for each query with the
// next address first. Pure; what a name stands for is scope.ts's.
import { encodeRecord, typeNumber } from "./record.ts";
import { type Found, lookUp, type Scope } from "./scope.ts";
import {
  type Edns,
  flag,
  headerBytes,
  limitOf,
  mostUdpBytes,
  nameOfQuestion,
  optionBytes,
  type Query,
  rcode,
  writeOption,
} from "./wire.ts";

/** An answer without header and question. */
export interface LocalAnswer {
  readonly source: string;
  readonly rcode: number;
  readonly records: readonly Buffer[];
  /** Bytes of all records. */
  readonly size: number;
  /** Which record comes first the next time. */
  next: number;
}

/** What a question comes to: an answer, or `outside`: others are to be asked. */
export type Decision = LocalAnswer | "outside";

const internetClass = 1;
const anyClass = 255;

const made = (source: string, code: number, records: readonly Buffer[] = []): LocalAnswer => ({
  source,
  rcode: code,
  records,
  size: records.reduce((sum, { length }) => sum + length, 0),
  next: 0,
});

/** Decides a well-formed query of a container. */
export function decide(scope: Scope, message: Buffer, query: Query): Decision {
  if (query.class !== internetClass && query.class !== anyClass) return made("server", rcode.refused);
  if (query.type === typeNumber.axfr || query.type === typeNumber.ixfr) return made("server", rcode.refused);
  const name = nameOfQuestion(message);
  const found = lookUp(scope, name);
  if (found) return answerOf(found, query.type);
  return scope.hasOutside ? "outside" : made("no network leads outside", rcode.servFail);
}

/** A name without an address of the kind exists all the same; one of an own network that nobody has does not. */
function answerOf({ source, ipv4, ipv6, pointers }: Found, type: number): LocalAnswer {
  const all = type === typeNumber.any;
  const records = [
    ...(all || type === typeNumber.a ? ipv4.map((address) => encodeRecord("A", address)) : []),
    ...(all || type === typeNumber.aaaa ? ipv6.map((address) => encodeRecord("AAAA", address)) : []),
    ...(all || type === typeNumber.ptr ? pointers.map((name) => encodeRecord("PTR", name)) : []),
  ];
  const exists = ipv4.length + ipv6.length + pointers.length > 0 || source === "host";
  return made(source, exists ? rcode.noError : rcode.nxDomain, records);
}

/** The most bytes writeAnswer takes for an answer to a message of this length. */
export function mostAnswerBytes({ size }: LocalAnswer, end: number): number {
  return end + size + optionBytes;
}

/** Writes the answer to `message` at `at`; where it ends. What does not fit into the asker's limit is left out, and said to be. */
export function writeAnswer(out: Buffer, at: number, message: Buffer, query: Query, isStream: boolean, answer: LocalAnswer): number {
  const { end, edns } = query;
  const { records } = answer;
  const room = limitOf(query, isStream) - (edns ? optionBytes : 0);
  message.copy(out, at, 0, end);
  let position = at + end;
  let kept = 0;
  if (records.length > 0) {
    const first = records.length > 1 ? answer.next++ % records.length : 0;
    for (; kept < records.length; kept++) {
      const record = records[(first + kept) % records.length];
      if (record === undefined || position - at + record.length > room) break;
      position += record.copy(out, position);
    }
  }
  const isCut = kept < records.length;
  // RD and CD come back as they were
  const flags = (query.flags & 0x0110) | flag.response | flag.authoritative | flag.available | (isCut ? flag.truncated : 0) | answer.rcode;
  return finish(out, at, position, flags, kept, edns);
}

function finish(out: Buffer, at: number, end: number, flags: number, answers: number, edns: Edns | undefined): number {
  // EDNS of a version that nobody knows yet: BADVERS is 16, its upper bits are in the OPT record
  const isBad = edns !== undefined && edns.version > 0;
  out.writeUInt16BE(isBad ? flags & 0xfff0 : flags, at + 2);
  out.writeUInt32BE(0x10000 | answers, at + 4);
  out.writeUInt32BE(edns ? 1 : 0, at + 8);
  if (!edns) return end;
  writeOption(out, end, mostUdpBytes, false, isBad ? 1 : 0);
  return end + optionBytes;
}

/** An answer with nothing but a code; of a message whose question cannot be read only its header comes back. */
export function refusal(message: Buffer, code: number, query?: Query): Buffer {
  if (query) {
    const out = Buffer.alloc(query.end + optionBytes);
    return out.subarray(0, writeAnswer(out, 0, message, query, true, made("server", code)));
  }
  const out = Buffer.alloc(headerBytes);
  message.copy(out, 0, 0, 4);
  out.writeUInt16BE((message.readUInt16BE(2) & 0x7910) | flag.response | flag.available | code, 2);
  return out;
}
