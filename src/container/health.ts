// Health checks: what a container is asked, by itself or by its image, and what the answers are kept as. docker's defaults and words. Pure.
import type { HealthCheck } from "../image/spec.ts";

export interface HealthRecord {
  readonly startMs: number;
  readonly endMs: number;
  /** -1: it could not be started or took too long. */
  readonly exitCode: number;
  readonly output: string;
}

export interface HealthState {
  readonly status: "starting" | "healthy" | "unhealthy";
  /** Failures in a row. */
  readonly failingStreak: number;
  /** The last five, oldest first. */
  readonly log: readonly HealthRecord[];
}

/** Members a container does not say are the image's, as docker has it. */
export function mergeHealth(asked: HealthCheck | undefined, image: HealthCheck | undefined): HealthCheck | undefined {
  if (!asked || !image) return asked ?? image;
  const test = asked.test && asked.test.length > 0 ? asked.test : image.test;
  return { ...image, ...asked, ...(test ? { test } : {}) };
}

/** The command of a probe; undefined where there is none to be run. */
export function probeCommand(health: HealthCheck | undefined, shell: readonly string[] | undefined): readonly string[] | undefined {
  const [kind, ...words] = health?.test ?? [];
  if (kind === "CMD" && words.length > 0) return words;
  if (kind === "CMD-SHELL") return [...(shell && shell.length > 0 ? shell : ["/bin/sh", "-c"]), ...words];
  return undefined;
}

const nanosPerMs = 1e6;
const defaults = { intervalMs: 30_000, timeoutMs: 30_000, startPeriodMs: 0, startIntervalMs: 5_000, retries: 3 };

/** The numbers of the monitor's operation `health`: interval, timeout, start period, start interval (ms), retries. */
export function healthNumbers(health: HealthCheck): number[] {
  const ms = (nanos: number | undefined, otherwise: number) => (nanos ? Math.max(1, Math.round(nanos / nanosPerMs)) : otherwise);
  return [
    ms(health.intervalNanos, defaults.intervalMs),
    ms(health.timeoutNanos, defaults.timeoutMs),
    ms(health.startPeriodNanos, defaults.startPeriodMs),
    ms(health.startIntervalNanos, defaults.startIntervalMs),
    health.retries || defaults.retries,
  ];
}
