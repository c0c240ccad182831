// How much one archive may unpack to: bytes, how many times its compressed size, entries. Against decompression bombs, which are small
// and become what fills a disk. Pure; where a limit is set is the engine's business.
import { TsnsError } from "../base/error.ts";
import { formatBytes, parseBytes } from "../base/unit.ts";
import type { TarEntry } from "./tar.ts";

export interface UnpackLimits {
  /** Bytes of the plain archive, and of its files with their holes. */
  readonly bytes: number;
  /** Plain bytes for one compressed byte; the first GiB is free. gzip reaches 1032, programs and text 3 to 10. */
  readonly ratio: number;
  readonly entries: number;
}

/** Of one layer. Larger ones are made by hand, and their makers can say so. */
export const defaultUnpackLimits: UnpackLimits = { bytes: 256 * 2 ** 30, ratio: 100, entries: 4_000_000 };

/** For what this side has packed itself. */
export const noUnpackLimits: UnpackLimits = {
  bytes: Number.POSITIVE_INFINITY,
  ratio: Number.POSITIVE_INFINITY,
  entries: Number.POSITIVE_INFINITY,
};

const ratioFromBytes = 2 ** 30;
const hint = "if the archive can be trusted, give a higher --unpack-limit, as 1t,ratio=2000,entries=10000000, or none";

/** Parses `SIZE`, `SIZE,ratio=N,entries=N` in any order, or `none`; what is not said is as by default. */
export function parseUnpackLimits(text: string): UnpackLimits {
  if (text === "none") return noUnpackLimits;
  let limits = defaultUnpackLimits;
  for (const part of text.split(",")) {
    const [, key, number] = /^(ratio|entries)=([1-9]\d{0,14})$/.exec(part) ?? [];
    if (key !== undefined) limits = { ...limits, [key]: Number(number) };
    else limits = { ...limits, bytes: parseSize(part, text) };
  }
  return limits;
}

function parseSize(part: string, text: string): number {
  try {
    const bytes = parseBytes(part);
    if (bytes > 0) return bytes;
  } catch (error) {
    if (!(error instanceof TsnsError)) throw error;
  }
  throw new TsnsError("invalid", "bad-unpack-limit", `invalid unpack limit "${text}"`, {
    hint: "write SIZE, ratio=N, entries=N with commas between, as 20g,ratio=500, or none",
    exitCode: 2,
  });
}

/** To be told of all bytes, compressed and plain, as they come. Throws TsnsError invalid `unpack-limit`. */
export function openByteCount({ bytes, ratio }: UnpackLimits = defaultUnpackLimits) {
  let packedBytes = 0;
  let plainBytes = 0;
  return {
    packed(count: number): void {
      packedBytes += count;
    },
    plain(count: number): void {
      plainBytes += count;
      if (plainBytes > bytes) throw tooMuch(`more than ${formatBytes(bytes)}`);
      if (plainBytes > ratioFromBytes && plainBytes > packedBytes * ratio)
        throw tooMuch(`more than ${ratio} times its size (${formatBytes(plainBytes)} from ${formatBytes(packedBytes)})`);
    },
  };
}

/** To be told of every entry. Throws TsnsError invalid `unpack-limit`. */
export function openEntryCount({ bytes, entries }: UnpackLimits = defaultUnpackLimits): (entry: TarEntry) => void {
  let count = 0;
  let sum = 0;
  return ({ sizeBytes, sparse }) => {
    sum += sparse?.sizeBytes ?? sizeBytes;
    if (++count > entries) throw tooMuch(`more than ${entries} entries`);
    if (sum > bytes) throw tooMuch(`more than ${formatBytes(bytes)}`);
  };
}

function tooMuch(what: string): TsnsError {
  return new TsnsError("invalid", "unpack-limit", `the archive unpacks to ${what}`, { hint });
}
