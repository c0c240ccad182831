// HEALTHCHECK of images: the member of a configuration, both ways, the Dockerfile instruction, and what may not be in it. Pure.
import { TsnsError } from "../base/error.ts";
import { isObject, type JsonObject } from "../base/json.ts";
import { parseDuration } from "../base/time.ts";
import type { HealthCheck } from "./spec.ts";

const minimumNanos = 1e6;

const durations = [
  ["Interval", "intervalNanos"],
  ["Timeout", "timeoutNanos"],
  ["StartPeriod", "startPeriodNanos"],
  ["StartInterval", "startIntervalNanos"],
] as const;

/** Parses the member "Healthcheck" of a foreign configuration; what is wrong with it goes to `problems`. */
export function parseHealthCheck(value: unknown, problems: string[]): HealthCheck | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) return void problems.push("config.Healthcheck is not an object");
  const test = value.Test ?? [];
  if (!Array.isArray(test) || !test.every((word) => typeof word === "string"))
    return void problems.push("config.Healthcheck.Test is not a list of strings");
  const numbers = [...durations, ["Retries", "retries"] as const].flatMap(([name, key]) => {
    const found = numberOf(value, name, problems);
    return found ? [[key, found] as const] : [];
  });
  return { ...(test.length > 0 ? { test } : {}), ...Object.fromEntries(numbers) };
}

function numberOf(from: JsonObject, name: string, problems: string[]): number {
  const value = from[name] ?? 0;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  problems.push(`config.Healthcheck.${name} is not a whole number`);
  return 0;
}

/** docker's member: what is not set is left out. */
export function renderHealthCheck(health: HealthCheck): Record<string, unknown> {
  return {
    ...(health.test ? { Test: health.test } : {}),
    ...Object.fromEntries(durations.flatMap(([name, key]) => (health[key] ? [[name, health[key]]] : []))),
    ...(health.retries ? { Retries: health.retries } : {}),
  };
}

/** What docker refuses, with its words for the member: durations below 1 ms. */
export function healthProblems(health: HealthCheck): string[] {
  return durations.flatMap(([name, key]) => {
    const nanos = health[key] ?? 0;
    return nanos !== 0 && nanos < minimumNanos ? [`${name} in Healthcheck cannot be less than 1ms`] : [];
  });
}

const flags: Readonly<Record<string, (typeof durations)[number][1]>> = {
  interval: "intervalNanos",
  timeout: "timeoutNanos",
  "start-period": "startPeriodNanos",
  "start-interval": "startIntervalNanos",
};

/** `NONE`, or `[--interval=D ...] CMD command|["exec", "form"]` of a Dockerfile. Throws TsnsError invalid with a text that says what is wrong. */
export function parseInstruction(rest: string, parseList: (text: string) => readonly string[] | undefined): HealthCheck {
  let left = rest.trim();
  let health: HealthCheck = {};
  for (let match = /^--([a-z-]+)=(\S*)\s*/.exec(left); match; match = /^--([a-z-]+)=(\S*)\s*/.exec(left)) {
    health = { ...health, ...parseFlag(match[1] ?? "", match[2] ?? "") };
    left = left.slice(match[0].length);
  }
  const [, kind = "", command = ""] = /^(\S+)\s*([\s\S]*)$/.exec(left) ?? [];
  if (kind.toUpperCase() === "NONE" && command === "") return { test: ["NONE"] };
  if (kind.toUpperCase() !== "CMD" || command === "") throw wrong("write HEALTHCHECK NONE or HEALTHCHECK [OPTIONS] CMD command");
  const list = parseList(command);
  const [problem] = healthProblems(health);
  if (problem) throw wrong(problem);
  return { ...health, test: list ? ["CMD", ...list] : ["CMD-SHELL", command] };
}

function parseFlag(name: string, value: string): HealthCheck {
  const key = flags[name];
  if (key) return { [key]: Math.round(parseDuration(value, `--${name}`) * 1e6) };
  if (name !== "retries") throw wrong(`unknown option --${name}`);
  if (!/^\d{1,9}$/.test(value) || Number(value) < 1) throw wrong("--retries must be at least 1");
  return { retries: Number(value) };
}

function wrong(message: string): TsnsError {
  return new TsnsError("invalid", "bad-health-check", message, { hint: 'such as HEALTHCHECK --interval=30s CMD ["/check"]' });
}
