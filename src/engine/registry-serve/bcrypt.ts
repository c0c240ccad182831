// bcrypt (Provos and Mazieres, "A Future-Adaptable Password Scheme", 1999): whether a password belongs to a hash such as htpasswd -B writes.
// Node has none of its own. The work is cut into slices, so that others are served meanwhile.
import { timingSafeEqual } from "node:crypto";

/** More would take minutes for each attempt. */
const costMax = 18;
const rounds = 16;
const passwordBytesMax = 72;
const sliceMs = 8;
const magic = "OrpheanBeholderScryDoubt";
const alphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export interface BcryptHash {
  readonly cost: number;
  readonly salt: Buffer;
  readonly digest: Buffer;
}

/** Undefined for what is no bcrypt hash of the kinds 2a, 2b and 2y, or costs more than 2^18. */
export function parseBcrypt(text: string): BcryptHash | undefined {
  const match = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/.exec(text);
  const cost = Number(match?.[1]);
  if (!match || cost < 4 || cost > costMax) return undefined;
  return { cost, salt: decode(match[2] ?? "", 16), digest: decode(match[3] ?? "", 23) };
}

export async function matchesBcrypt(password: string, { cost, salt, digest }: BcryptHash): Promise<boolean> {
  const key = wordsOf(Buffer.from(`${password}\0`, "utf8").subarray(0, passwordBytesMax), rounds + 2);
  const saltWords = wordsOf(salt, 4);
  const saltKey = wordsOf(salt, rounds + 2);
  const state = initialState().slice();
  expand(state, key, saltWords);
  let sliceEnd = performance.now() + sliceMs;
  for (let left = 2 ** cost; left > 0; left--) {
    expand(state, key);
    expand(state, saltKey);
    if (performance.now() < sliceEnd) continue;
    await new Promise((resume) => setImmediate(resume));
    sliceEnd = performance.now() + sliceMs;
  }
  return timingSafeEqual(encryptMagic(state).subarray(0, digest.length), digest);
}

/** 18 words of subkeys, then four boxes of 256 words. */
type State = Int32Array;
const boxesAt = rounds + 2;
const stateWords = boxesAt + 4 * 256;

let pi: State | undefined;

/** Blowfish begins with the fraction of pi. Machin: pi = 16 atan(1/5) - 4 atan(1/239), in fixed point with a few bits more. */
function initialState(): State {
  if (pi) return pi;
  const bits = BigInt(stateWords * 32);
  const guard = 64n;
  const one = 1n << (bits + guard);
  const fraction = 16n * arctan(5n, one) - 4n * arctan(239n, one) - 3n * one;
  const bytes = Buffer.from((fraction >> guard).toString(16).padStart(stateWords * 8, "0"), "hex");
  pi = Int32Array.from({ length: stateWords }, (_, at) => bytes.readInt32BE(at * 4));
  return pi;
}

/** atan(1/x) as a multiple of `one`. */
function arctan(x: bigint, one: bigint): bigint {
  let power = one / x;
  let sum = power;
  for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
    power /= x * x;
    sum += (sign * power) / n;
  }
  return sum;
}

/** Mixes a key, and a salt of four words if given, into the state. */
function expand(state: State, key: Int32Array, salt?: Int32Array): void {
  for (let at = 0; at < boxesAt; at++) state[at] = at32(state, at) ^ at32(key, at);
  const pair = new Int32Array(2);
  for (let at = 0; at < stateWords; at += 2) {
    if (salt) {
      pair[0] = at32(pair, 0) ^ at32(salt, at & 3);
      pair[1] = at32(pair, 1) ^ at32(salt, (at & 3) + 1);
    }
    encipher(state, pair, 0);
    state[at] = at32(pair, 0);
    state[at + 1] = at32(pair, 1);
  }
}

/** Blowfish on the two words at `at`. */
function encipher(state: State, words: Int32Array, at: number): void {
  let left = at32(words, at) ^ at32(state, 0);
  let right = at32(words, at + 1);
  for (let round = 1; round <= rounds; round += 2) {
    right ^= mix(state, left) ^ at32(state, round);
    left ^= mix(state, right) ^ at32(state, round + 1);
  }
  words[at] = right ^ at32(state, boxesAt - 1);
  words[at + 1] = left;
}

function mix(state: State, word: number): number {
  const sum = at32(state, boxesAt + (word >>> 24)) + at32(state, boxesAt + 256 + ((word >>> 16) & 255));
  return ((sum ^ at32(state, boxesAt + 512 + ((word >>> 8) & 255))) + at32(state, boxesAt + 768 + (word & 255))) | 0;
}

function encryptMagic(state: State): Buffer {
  const words = wordsOf(Buffer.from(magic, "latin1"), 6);
  for (let at = 0; at < words.length; at += 2) for (let time = 0; time < 64; time++) encipher(state, words, at);
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, at) => {
    bytes.writeInt32BE(word, at * 4);
  });
  return bytes;
}

/** The bytes again and again, as `count` words. */
function wordsOf(bytes: Buffer, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, word) => {
    let value = 0;
    for (let at = word * 4; at < word * 4 + 4; at++) value = (value << 8) | (bytes[at % bytes.length] ?? 0);
    return value;
  });
}

function at32(words: Int32Array, at: number): number {
  return words[at] as number;
}

/** bcrypt's own base64: the usual bit order, another alphabet, no padding. */
function decode(text: string, length: number): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (const letter of text) {
    bits = ((bits << 6) | alphabet.indexOf(letter)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push((bits >> count) & 255);
  }
  return Buffer.from(bytes.slice(0, length));
}
