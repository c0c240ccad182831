// Trying again: what is worth it, and how long to wait. Knows HTTP's Retry-After; nothing of what is tried.
import { setTimeout as sleep } from "node:timers/promises";
import { TsnsError } from "../base/error.ts";
import type { RegistrySettings } from "./settings.ts";

/** Said before a further try. */
export interface Retry {
  readonly name: string;
  /** 2 for the second try. */
  readonly attempt: number;
  readonly of: number;
  readonly waitMs: number;
  readonly reason: string;
}

/** A registry that asks for more patience than this is told to the user instead. */
const retryAfterMaxMs = 60_000;
const backoffMaxMs = 10_000;

export type Patience = Pick<RegistrySettings, "tries" | "backoffMs">;

/** Wait before try `attempt` (2, 3 ...): doubling, up to a quarter more so that many clients do not come at once. */
export function backoffMs({ backoffMs }: Patience, attempt: number, random: () => number = Math.random): number {
  return Math.round(Math.min(backoffMs * 2 ** (attempt - 2), backoffMaxMs) * (1 + random() / 4));
}

export function isWorthRetry(status: number): boolean {
  return status === 408 || status === 429 || status === 500 || status === 502 || status === 503 || status === 504;
}

/** Milliseconds of a Retry-After header (RFC 9110 10.2.3: seconds or a date); undefined without a usable one. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const dateMs = Date.parse(header);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - nowMs);
}

/** Whether to obey, rather than say so and stop. */
export function isBearable(waitMs: number): boolean {
  return waitMs <= retryAfterMaxMs;
}

/** Waits; throws TsnsError interrupted when the signal comes first. */
export async function pause(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(waitMs, undefined, signal ? { signal } : {});
  } catch (error) {
    throw signal?.aborted ? interrupted(signal) : error;
  }
}

export function interrupted(signal: AbortSignal): TsnsError {
  return signal.reason instanceof TsnsError
    ? signal.reason
    : new TsnsError("interrupted", "interrupted", "interrupted", { cause: signal.reason });
}

/** One line for people. */
export function renderRetry({ name, attempt, of, waitMs, reason }: Retry): string {
  return `${name}: ${reason}; try ${attempt} of ${of} in ${Math.round(waitMs / 100) / 10} s`;
}
