// Options that limit a group, and `key=value` words, both in the vocabulary of src/cgroup/limit.ts.
import { TsnsError } from "../../src/base/error.ts";
import { nearest } from "../../src/base/text.ts";
import { parseDeviceRate, parseIoMaxOption } from "../../src/cgroup/io-limit.ts";
import { findLimitWord, joinLimits, type LimitSpec, type LimitWord, limitWords, parseLimit } from "../../src/cgroup/limit.ts";
import type { OptionTable, ValuesOf } from "../command.ts";
import { deviceRateOptions, deviceRates } from "./device-rate.ts";
import { Problems } from "./problem.ts";

export const limitOptions = {
  memory: { type: "string", short: "m", value: "bytes", describe: "Memory limit; max for none" },
  "memory-swap": { type: "string", value: "bytes", describe: "Limit of memory and swap together; max for none" },
  "memory-reservation": { type: "string", value: "bytes", describe: "Memory to shrink to (v1) or to keep (v2) under pressure" },
  "cpu-shares": { type: "string", short: "c", value: "int", describe: "CPU shares (relative weight, 1024 is normal)" },
  cpus: { type: "string", value: "decimal", describe: "Number of CPUs; max for no limit" },
  "cpu-quota": { type: "string", value: "int", describe: "CPU time per period, in microseconds; max for no limit" },
  "cpu-period": { type: "string", value: "int", describe: "Period of the CPU quota, in microseconds" },
  "cpuset-cpus": { type: "string", describe: "CPUs in which to allow execution (0-3, 0,1)" },
  "cpuset-mems": { type: "string", describe: "Memory nodes in which to allow execution (0-3, 0,1)" },
  "pids-limit": { type: "string", value: "int", describe: "Limit the number of processes and threads; max for none" },
  "io-max": { type: "list", value: "limit", describe: "Limit block I/O: 'DEVICE rbps=10mb wbps=max riops=100 wiops=max'" },
  ...deviceRateOptions,
  devices: { type: "string", value: "rules", describe: "Devices that can be opened: all, default, none, or 'c 1:3 rwm,...'" },
} as const satisfies OptionTable;

type LimitValues = ValuesOf<typeof limitOptions>;

function isRate(text: string): text is keyof typeof deviceRates {
  return Object.hasOwn(deviceRates, text);
}

/** The limits of one word. Throws TsnsError invalid. */
function parseWord(word: LimitWord | keyof typeof deviceRates, text: string): LimitSpec {
  if (isRate(word)) return { io: [parseDeviceRate(deviceRates[word], text, word)] };
  return word === "io-max" ? { io: [parseIoMaxOption(text, word)] } : parseLimit(word, text);
}

/** Files that move, stop or end processes instead of limiting them: those verbs look at who is in the group first. */
const verbs: Readonly<Record<string, string>> = {
  "cgroup.procs": "add",
  "cgroup.threads": "add",
  "cgroup.kill": "kill",
  "cgroup.freeze": "freeze or thaw",
  "freezer.state": "freeze or thaw",
};

/** `key=value` words: limits, and names of the kernel's own files with a dot in them. */
function parseSetting(text: string): { readonly limits: LimitSpec; readonly raw?: readonly [string, string] } {
  const at = text.indexOf("=");
  const key = text.slice(0, at);
  const value = text.slice(at + 1);
  if (at < 1) throw new TsnsError("invalid", "bad-setting", `invalid setting "${text}"`, { hint: "write KEY=VALUE, such as memory=1g" });
  const word = isRate(key) ? key : findLimitWord(key);
  if (word) return { limits: parseWord(word, value) };
  const verb = Object.hasOwn(verbs, key) ? verbs[key] : undefined;
  if (verb) throw new TsnsError("invalid", "bad-setting", `${key} is not a limit`, { hint: `use tsns cgroup ${verb}` });
  if (/^[a-z_0-9]+\.[\w.]+$/.test(key) && !value.includes("\n")) return { limits: {}, raw: [key, value] };
  const [guess] = nearest(key, [...Object.keys(limitWords), ...Object.keys(deviceRates)]);
  throw new TsnsError("invalid", "bad-setting", `unknown key "${key}"`, {
    hint: guess
      ? `did you mean ${guess}?`
      : `use one of ${Object.keys(limitWords).join(", ")}, or a file of the kernel such as memory.high`,
  });
}

/** All options and `key=value` words together; every problem is said at once. Throws TsnsError invalid with exit code 2. */
export function parseLimitOptions(
  values: LimitValues,
  words: readonly string[] = [],
): { limits: LimitSpec; raw: ReadonlyMap<string, string> } {
  const problems = new Problems();
  const specs: LimitSpec[] = [];
  const raw = new Map<string, string>();
  for (const name of Object.keys(limitOptions) as (keyof LimitValues)[]) {
    const value = values[name];
    const texts = value === undefined ? [] : typeof value === "string" ? [value] : value;
    for (const text of texts) specs.push(problems.collect(() => parseWord(name, text), {}));
  }
  for (const word of words) {
    const setting = problems.collect(() => parseSetting(word), { limits: {} });
    specs.push(setting.limits);
    if (setting.raw) raw.set(...setting.raw);
  }
  const limits = problems.collect(() => joinLimits(specs), {});
  asUsage(() => problems.throwIfAny());
  return { limits, raw };
}

/** What the user wrote wrong has exit code 2 in the toolkit. */
export function asUsage<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof TsnsError) || error.kind !== "invalid") throw error;
    throw new TsnsError("invalid", error.code, error.message, {
      ...(error.hint ? { hint: error.hint } : {}),
      ...(error.problems ? { problems: error.problems } : {}),
      cause: error,
      exitCode: 2,
    });
  }
}
