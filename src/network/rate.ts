// How fast a link may send: rates as tc(8) writes them, and the bucket that keeps one. Pure.
import { TsnsError } from "../base/error.ts";

/** A token bucket, tc-tbf(8). */
export interface Rate {
  readonly bitsPerSecond: number;
  /** Bytes that may go at once. */
  readonly burstBytes: number;
  /** Bytes that may wait; what comes beyond is dropped. */
  readonly limitBytes: number;
}

/** How fast a link may go, in bits per second of each direction as the container sees it; absent: as fast as it goes. */
export interface LinkRate {
  readonly inBits?: number;
  readonly outBits?: number;
}

/** As --net-rate takes it, to the bit. */
export const renderLinkRate = ({ inBits, outBits }: LinkRate): string =>
  [...(inBits === undefined ? [] : [`in=${inBits}bit`]), ...(outBits === undefined ? [] : [`out=${outBits}bit`])].join(",");

const prefixes: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 1024,
  mi: 1024 ** 2,
  gi: 1024 ** 3,
  ti: 1024 ** 4,
};
const leastBits = 8_000;
const mostBits = 1e12;

/** Bits per second of "10mbit", "1.5gbit", "500kbps" (bytes), "8000" (bits). Throws TsnsError invalid `bad-rate`. */
export function parseRate(text: string, what: string): number {
  const match = /^(\d+(?:\.\d+)?)(?:([kmgt]i?)?(bit|bps))?$/i.exec(text);
  const factor = (prefixes[(match?.[2] ?? "").toLowerCase()] ?? Number.NaN) * (match?.[3]?.toLowerCase() === "bps" ? 8 : 1);
  const bits = match ? Math.round(Number(match[1]) * factor) : Number.NaN;
  if (bits >= leastBits && bits <= mostBits) return bits - (bits % 8);
  throw new TsnsError("invalid", "bad-rate", `invalid ${what} "${text}"`, {
    hint: "write a rate from 8kbit to 1000gbit, such as 10mbit, or in bytes 500kbps",
  });
}

/** "10Mbit", "1.5Gbit", as tc(8) prints them. */
export function formatRate(bitsPerSecond: number): string {
  const [unit, factor] = (
    [
      ["Gbit", 1e9],
      ["Mbit", 1e6],
      ["Kbit", 1e3],
    ] as const
  ).find(([, each]) => bitsPerSecond >= each) ?? ["bit", 1];
  return `${Number((bitsPerSecond / factor).toPrecision(4))}${unit}`;
}

/** What may go at once: ten milliseconds' worth, and at least half of the largest packet a link takes from its own host. */
const leastBurstBytes = 32 << 10;
/** How long a byte waits at most. */
const waitSeconds = 0.05;

/** The bucket for a rate. */
export function planRate(bitsPerSecond: number): Rate {
  const bytesPerSecond = bitsPerSecond / 8;
  const burstBytes = Math.min(Math.max(leastBurstBytes, Math.ceil(bytesPerSecond / 100)), 64 << 20);
  return { bitsPerSecond, burstBytes, limitBytes: Math.min(burstBytes + Math.ceil(bytesPerSecond * waitSeconds), 0x7fffffff) };
}
