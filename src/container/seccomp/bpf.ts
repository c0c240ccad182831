// Classic BPF as seccomp(2) runs it on struct seccomp_data: instructions, conditions on arguments, and a number's way to what is done
// with it. Knows no names of calls. Pieces are lists of instructions with relative jumps, so that they are put together by joining them.
import type { SeccompArgument } from "./profile.ts";

export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

export type Code = readonly Instruction[];

/** BPF_* of linux/bpf_common.h: class, size or operation, and source put together. */
const CODE = { LOAD: 0x20, AND: 0x54, JUMP: 0x05, EQUAL: 0x15, GREATER: 0x25, GREATER_OR_EQUAL: 0x35, RETURN: 0x06 } as const;

/** Kernel's limit for one program (linux/bpf_common.h). */
export const BPF_MAXINSNS = 4096;

const farthest = 255;

const plain = (code: number, k: number): Instruction => ({ code, jt: 0, jf: 0, k: k >>> 0 });

/** The word at an offset of struct seccomp_data: 0 is the call's number, 4 the architecture. */
export const load = (offset: number): Instruction => plain(CODE.LOAD, offset);

/** SECCOMP_RET_* with its 16 bits of data. */
export const answer = (value: number): Code => [plain(CODE.RETURN, value)];

/** A test that leads to `yes`, or past it. */
function either(code: number, k: number, yes: Code): Code {
  if (yes.length <= farthest) return [{ code, jt: 0, jf: yes.length, k: k >>> 0 }, ...yes];
  return [{ code, jt: 1, jf: 0, k: k >>> 0 }, plain(CODE.JUMP, yes.length), ...yes];
}

/** `body` where the accumulator is `k`; otherwise it goes on behind it. */
export const whenEqual = (k: number, body: Code): Code => either(CODE.EQUAL, k, body);

/** `body` where the accumulator is at least `k`; otherwise it goes on behind it. */
export const whenAtLeast = (k: number, body: Code): Code => either(CODE.GREATER_OR_EQUAL, k, body);

/** The piece for numbers from `from` on, up to the next one's. */
export interface Segment {
  readonly from: number;
  readonly code: Code;
}

/** A binary search for the accumulator; `segments` in order, the first holds from 0 on. */
export function searchTree(segments: readonly Segment[]): Code {
  const [first] = segments;
  if (!first) return [];
  if (segments.length === 1) return first.code;
  const middle = Math.ceil(segments.length / 2);
  const upper = segments.slice(middle);
  return [...whenAtLeast(upper[0]?.from ?? 0, searchTree(upper)), ...searchTree(segments.slice(0, middle))];
}

interface Half {
  readonly low: number;
  readonly high: number;
}

const halves = (value: bigint): Half => ({ low: Number(value & 0xffffffffn), high: Number((value >> 32n) & 0xffffffffn) });

/** A jump within a condition: over `yes` or `no` instructions that follow it. */
const jump = (code: number, k: number, jt: number, jf: number): Instruction => ({ code, jt, jf, k: k >>> 0 });

/** struct seccomp_data, little endian: six arguments of 8 bytes from 16 on. */
const lowAt = (index: number): number => 16 + 8 * index;

/** Falls through when the condition holds, else jumps over what follows it: `rest` instructions. */
function condition({ index, op, value, valueTwo }: SeccompArgument, rest: number): Code {
  const { low, high } = halves(value);
  const low32 = load(lowAt(index));
  const high32 = load(lowAt(index) + 4);
  switch (op) {
    case "SCMP_CMP_EQ":
      return [high32, jump(CODE.EQUAL, high, 0, rest + 2), low32, jump(CODE.EQUAL, low, 0, rest)];
    case "SCMP_CMP_NE":
      return [high32, jump(CODE.EQUAL, high, 0, 2), low32, jump(CODE.EQUAL, low, rest, 0)];
    case "SCMP_CMP_GE":
      return above(CODE.GREATER_OR_EQUAL);
    case "SCMP_CMP_GT":
      return above(CODE.GREATER);
    case "SCMP_CMP_LT":
      return notAbove(CODE.GREATER_OR_EQUAL);
    case "SCMP_CMP_LE":
      return notAbove(CODE.GREATER);
    case "SCMP_CMP_MASKED_EQ": {
      const wanted = halves(valueTwo & value);
      const tail = masked(low32, low, wanted.low, rest);
      return [...masked(high32, high, wanted.high, rest + tail.length), ...tail];
    }
  }

  function above(code: number): Code {
    return [high32, jump(CODE.GREATER, high, 3, 0), jump(CODE.EQUAL, high, 0, rest + 2), low32, jump(code, low, 0, rest)];
  }

  function notAbove(code: number): Code {
    return [high32, jump(CODE.GREATER, high, rest + 3, 0), jump(CODE.EQUAL, high, 0, 2), low32, jump(code, low, rest, 0)];
  }
}

/** Half of a masked comparison; a mask without bits compares nothing. */
const masked = (from: Instruction, mask: number, is: number, skip: number): Code =>
  mask === 0 ? [] : [from, plain(CODE.AND, mask), jump(CODE.EQUAL, is, 0, skip)];

/** The same for calls whose arguments have 32 bits: the upper halves of both sides mean nothing (so does libseccomp). */
function narrowCondition({ index, op, value, valueTwo }: SeccompArgument, rest: number): Code {
  const { low } = halves(value);
  const low32 = load(lowAt(index));
  switch (op) {
    case "SCMP_CMP_EQ":
      return [low32, jump(CODE.EQUAL, low, 0, rest)];
    case "SCMP_CMP_NE":
      return [low32, jump(CODE.EQUAL, low, rest, 0)];
    case "SCMP_CMP_GE":
      return [low32, jump(CODE.GREATER_OR_EQUAL, low, 0, rest)];
    case "SCMP_CMP_GT":
      return [low32, jump(CODE.GREATER, low, 0, rest)];
    case "SCMP_CMP_LT":
      return [low32, jump(CODE.GREATER_OR_EQUAL, low, rest, 0)];
    case "SCMP_CMP_LE":
      return [low32, jump(CODE.GREATER, low, rest, 0)];
    case "SCMP_CMP_MASKED_EQ":
      return masked(low32, low, halves(valueTwo & value).low, rest);
  }
}

/** Answers `value` when all conditions hold; otherwise it goes on behind it. `narrow`: arguments have 32 bits. */
export function whenArguments(conditions: readonly SeccompArgument[], value: number, narrow: boolean): Code {
  const compare = narrow ? narrowCondition : condition;
  let code = answer(value);
  for (const each of conditions.toReversed()) code = [...compare(each, code.length), ...code];
  return code;
}

/** The array of struct sock_filter in hexadecimal, little endian. */
export function encodeHex(code: Code): string {
  const bytes = Buffer.alloc(code.length * 8);
  let at = 0;
  for (const { code: operation, jt, jf, k } of code) {
    bytes.writeUInt16LE(operation, at);
    bytes[at + 2] = jt;
    bytes[at + 3] = jf;
    bytes.writeUInt32LE(k, at + 4);
    at += 8;
  }
  return bytes.toString("hex");
}
