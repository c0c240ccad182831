// Durations and moments: parsing what options take, and docker's wording of how long ago. All times are Unix times.
import { TsnsError } from "./error.ts";

const unitMs: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a Go duration: "1h30m", "1.5s", "100ms", "0", "-5m". */
export function parseDuration(text: string, what = "duration"): number {
  const durationMs = durationOrUndefined(text);
  if (durationMs === undefined) {
    throw new TsnsError("invalid", "bad-duration", `invalid ${what} "${text}"`, { hint: "write a duration such as 90s, 1m30s or 2h" });
  }
  return durationMs;
}

function durationOrUndefined(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^[+-]?((\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g))
    sum += Number(amount) * (unitMs[unit ?? ""] ?? 0);
  return text.startsWith("-") ? -sum : sum;
}

/** Milliseconds since 1970 of --since and --until: a duration before now, a Unix time, or a date (local unless it has a zone). */
export function parseMoment(text: string, nowMs: number, what = "time"): number {
  const agoMs = /^[\d.]+$/.test(text) ? undefined : durationOrUndefined(text);
  if (agoMs !== undefined) return nowMs - agoMs;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?))?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  const momentMs = date ? Date.parse(`${date[1]}T${date[2] ?? "00:00"}${date[3] ?? ""}`) : Number.NaN;
  if (Number.isNaN(momentMs)) {
    throw new TsnsError("invalid", "bad-time", `invalid ${what} "${text}"`, {
      hint: "write a duration (10m), a Unix time or a date such as 2026-01-31T12:00:00",
    });
  }
  return momentMs;
}

/** How long, in docker's words: "Less than a second", "About a minute", "3 hours". */
export function formatDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1000);
  if (seconds < 1) return "Less than a second";
  if (seconds === 1) return "1 second";
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(seconds / 3600 + 0.5);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(hours / 24 / 365)} years`;
}

/** "2 hours ago". */
export function formatAgo(momentMs: number, nowMs: number): string {
  return `${formatDuration(nowMs - momentMs)} ago`;
}

/** RFC 3339 with up to nine decimals, zeros at the end left out as Go does: "2026-01-31T12:00:00.123Z"; 0 is Go's zero time. */
export function formatTimestamp(momentMs: number): string {
  if (momentMs === 0) return "0001-01-01T00:00:00Z";
  const nanos = Math.round((momentMs - Math.floor(momentMs)) * 1e6);
  const digits = `${new Date(Math.floor(momentMs)).toISOString().slice(20, 23)}${String(Math.min(nanos, 999_999)).padStart(6, "0")}`;
  const trimmed = digits.replace(/0+$/, "");
  return `${new Date(Math.floor(momentMs)).toISOString().slice(0, 19)}${trimmed === "" ? "" : `.${trimmed}`}Z`;
}

/** As docker's CreatedAt: "2026-01-31 12:00:00 +0000 UTC". */
export function formatDateTime(momentMs: number): string {
  return `${new Date(momentMs).toISOString().slice(0, 19).replace("T", " ")} +0000 UTC`;
}
