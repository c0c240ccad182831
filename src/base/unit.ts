// Amounts as people write and read them: bytes, CPUs. Docker's units and rounding; knows no option names.
// Durations and moments are in time.ts.
import { TsnsError } from "./error.ts";

const binaryFactor: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4, p: 1024 ** 5 };

/**
 * Bytes of "512m", "1.5g", "64 KiB", "1000": powers of 1024, suffix b k m g t p in either case, optionally followed by
 * "b" or "ib". `what` names the option or field in the error.
 */
export function parseBytes(text: string, what = "size"): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+) ?(?:([bkmgtp])|([kmgtp])i?b)?$/i.exec(text);
  const bytes = match
    ? Math.floor(Number(match[1]) * (binaryFactor[(match[2] ?? match[3] ?? "").toLowerCase()] ?? Number.NaN))
    : Number.NaN;
  if (!Number.isSafeInteger(bytes)) {
    throw new TsnsError("invalid", "bad-size", `invalid ${what} "${text}"`, {
      hint: "write a number with a unit of b, k, m or g, such as 512m",
    });
  }
  return bytes;
}

/** As parseBytes, and -1 for "-1" (unlimited), docker's --memory-swap. */
export function parseBytesOrUnlimited(text: string, what = "size"): number {
  return text === "-1" ? -1 : parseBytes(text, what);
}

/** Memory: four significant digits, powers of 1024: "1.5GiB", "512MiB", "0B". */
export function formatBytes(bytes: number): string {
  return scale(bytes, 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"], 4);
}

/** Files and transfers: powers of 1000: "12.3MB". Docker prints images with 3 digits, stats with 3, sizes elsewhere with 4. */
export function formatSize(bytes: number, digits = 3): string {
  return scale(bytes, 1000, ["B", "kB", "MB", "GB", "TB", "PB", "EB"], digits);
}

function scale(amount: number, base: number, units: readonly string[], digits: number): string {
  let index = 0;
  let rest = amount;
  while (index < units.length - 1 && (rest >= base || (index > 0 && Number(rest.toPrecision(digits)) >= base))) {
    rest /= base;
    index++;
  }
  return `${Number(rest.toPrecision(Math.max(digits, String(Math.trunc(rest)).length)))}${units[index]}`;
}

/** Billionths of a CPU of "1.5"; at most nine decimals, more than 0. */
export function parseCpus(text: string, what = "--cpus"): number {
  const nanoCpus = /^(\d+(\.\d{0,9})?|\.\d{1,9})$/.test(text) ? Math.round(Number(text) * 1e9) : Number.NaN;
  if (!Number.isSafeInteger(nanoCpus) || nanoCpus <= 0) {
    throw new TsnsError("invalid", "bad-cpus", `invalid ${what} "${text}"`, { hint: "write a number of CPUs such as 0.5 or 2" });
  }
  return nanoCpus;
}

/** A whole number within bounds; `what` names the option. */
export function parseInteger(text: string, what: string, minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER): number {
  const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value) || value < minimum || value > maximum) {
    const low = minimum === Number.MIN_SAFE_INTEGER ? "" : ` from ${minimum}`;
    const high = maximum === Number.MAX_SAFE_INTEGER ? "" : ` up to ${maximum}`;
    throw new TsnsError("invalid", "bad-integer", `invalid ${what} "${text}"`, { hint: `write a whole number${low}${high}` });
  }
  return value;
}

/** "12.34%", docker's stats. */
export function formatPercent(percent: number): string {
  return `${percent.toFixed(2)}%`;
}
