// Options on what becomes of a container when its command ends, and on how it is asked whether it is well.
import { parseDuration } from "../../../src/base/time.ts";
import type { CreateRequest } from "../../../src/container/request.ts";
import { parseRestartPolicy } from "../../../src/container/restart.ts";
import { healthProblems } from "../../../src/image/health-check.ts";
import type { HealthCheck } from "../../../src/image/spec.ts";
import type { OptionTable, ValuesOf } from "../../command.ts";
import { badOption, type CreatePart } from "./part.ts";

export const keepOptions = {
  "health-cmd": { type: "string", value: "command", describe: "Command to run to check health" },
  "health-interval": { type: "string", value: "duration", describe: "Time between running the check (ms|s|m|h) (default 0s)" },
  "health-retries": { type: "number", value: "int", describe: "Consecutive failures needed to report unhealthy" },
  "health-start-interval": {
    type: "string",
    value: "duration",
    describe: "Time between running the check during the start period (ms|s|m|h) (default 0s)",
  },
  "health-start-period": {
    type: "string",
    value: "duration",
    describe: "Start period for the container to initialize before starting health-retries countdown (ms|s|m|h) (default 0s)",
  },
  "health-timeout": { type: "string", value: "duration", describe: "Maximum time to allow one check to run (ms|s|m|h) (default 0s)" },
  "no-healthcheck": { type: "boolean", describe: "Disable any container-specified HEALTHCHECK" },
  restart: { type: "string", describe: "Restart policy to apply when a container exits: no, on-failure[:MAX], always, unless-stopped" },
  rm: { type: "boolean", describe: "Remove the container when it exits" },
} as const satisfies OptionTable;

type KeepValues = ValuesOf<typeof keepOptions>;

export function parseKeep(part: CreatePart, values: KeepValues) {
  const restart = part.read(() => parseRestartPolicy(values.restart ?? ""), undefined);
  const autoRemove = values.rm ?? false;
  if (autoRemove && restart && restart.policy !== "no")
    part.problems.add(
      "conflicting options: cannot specify both --restart and --rm",
      "leave out one: what is started again is not removed at its end",
    );
  const health = parseHealth(part, values);
  return {
    autoRemove,
    ...(restart && restart.policy !== "no" ? { restart } : {}),
    ...(health ? { health } : {}),
  } satisfies Partial<CreateRequest>;
}

const durations = [
  ["health-interval", "intervalNanos"],
  ["health-timeout", "timeoutNanos"],
  ["health-start-period", "startPeriodNanos"],
  ["health-start-interval", "startIntervalNanos"],
] as const;

function parseHealth({ problems, read }: CreatePart, values: KeepValues): HealthCheck | undefined {
  const numbers = durations.map(([option, key]) => [key, read(() => nanosOf(option, values[option]), 0)] as const);
  const retries = values["health-retries"] ?? 0;
  const command = values["health-cmd"] ?? "";
  if (retries < 0) problems.add("--health-retries cannot be negative");
  const hasSettings = command !== "" || retries !== 0 || numbers.some(([, nanos]) => nanos !== 0);
  if (values["no-healthcheck"] && hasSettings) {
    problems.add("--no-healthcheck conflicts with --health-* options", "leave out one or the other");
    return undefined;
  }
  if (values["no-healthcheck"]) return { test: ["NONE"] };
  if (!hasSettings) return undefined;
  const health: HealthCheck = {
    ...(command === "" ? {} : { test: ["CMD-SHELL", command] }),
    ...Object.fromEntries(numbers.filter(([, nanos]) => nanos !== 0)),
    ...(retries === 0 ? {} : { retries }),
  };
  for (const problem of healthProblems(health)) problems.refuse(problem, "0 is the default");
  return health;
}

function nanosOf(option: string, text: string | undefined): number {
  const nanos = text === undefined ? 0 : Math.round(parseDuration(text, `argument for --${option}`) * 1e6);
  if (nanos < 0) throw badOption(`--${option} cannot be negative`);
  return nanos;
}
