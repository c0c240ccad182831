// Restart policies: their words, when a container that has ended is started again and after which wait, as docker has them. Pure.
import { TsnsError } from "../base/error.ts";
import type { ContainerRecord, ExitRecord, RunRecord } from "./record.ts";

const restartPolicies = ["no", "always", "on-failure", "unless-stopped"] as const;

export interface RestartPolicy {
  readonly policy: (typeof restartPolicies)[number];
  /** Restarts of `on-failure`, 0: any number. */
  readonly max: number;
}

/** How often a container has been started again since somebody started it, and the wait before the next time if this run is short. */
export interface RestartState {
  readonly count: number;
  readonly delayMs: number;
}

const firstDelayMs = 100;
const maxDelayMs = 60_000;
/** After a run of this length the wait is the first one again. */
const steadyMs = 10_000;

/** Of a container that somebody starts. */
export const noRestarts: RestartState = { count: 0, delayMs: firstDelayMs };

/** `no`, `always`, `unless-stopped`, `on-failure[:MAX]`. Throws TsnsError invalid `bad-restart` and `bad-restart-format` in docker's words. */
export function parseRestartPolicy(text: string): RestartPolicy {
  const [policy = "", max, ...more] = text.split(":");
  const bad = (message: string, code = "bad-restart") =>
    new TsnsError("invalid", code, message, { hint: "write no, always, unless-stopped, on-failure or on-failure:3" });
  const badFormat = (message: string) => bad(`invalid restart policy format${message}`, "bad-restart-format");
  if (text === "") return { policy: "no", max: 0 };
  if (policy === "") throw badFormat(": no policy provided before colon");
  if (more.length > 0) throw badFormat("");
  if (max !== undefined && !/^[+-]?\d{1,9}$/.test(max)) throw badFormat(": maximum retry count must be an integer");
  if (!isPolicy(policy)) throw bad(`invalid restart policy '${policy}'`);
  if (policy !== "on-failure" && max !== undefined && Number(max) !== 0)
    throw bad(`maximum retry count cannot be used with restart policy '${policy}'`);
  if (Number(max ?? 0) < 0) throw bad("maximum retry count cannot be negative");
  return { policy, max: Number(max ?? 0) };
}

function isPolicy(word: string): word is RestartPolicy["policy"] {
  return (restartPolicies as readonly string[]).includes(word);
}

/** After which ends a monitor is to start the container again by itself: its word in native/README.md. */
export type RestartWhen = "no" | "failure" | "always";

export function restartWhen(restart: RestartPolicy | undefined, { count }: Pick<RestartState, "count">): RestartWhen {
  if (!restart || restart.policy === "no") return "no";
  if (restart.policy !== "on-failure") return "always";
  return restart.max === 0 || count < restart.max ? "failure" : "no";
}

/** The words of the monitor's operation `restart`. */
export function restartWords(restart: RestartPolicy | undefined, state: RestartState): string[] {
  const { count, delayMs } = state;
  return [restartWhen(restart, state), `${count}`, `${delayMs}`, `${steadyMs}`, `${firstDelayMs}`];
}

/** What the next run begins with, after one that ended now. */
export function nextRestart({ restarts = noRestarts, startedMs }: RunRecord, finishedMs: number): RestartState {
  const waitedMs = finishedMs - startedMs >= steadyMs ? firstDelayMs : restarts.delayMs;
  return { count: restarts.count + 1, delayMs: Math.min(waitedMs * 2, maxDelayMs) };
}

/** Whether a run that nobody ended on purpose, and whose monitor is gone, is to be followed by another. */
export function isRestartDue({ spec, run }: ContainerRecord, exit: Pick<ExitRecord, "exitCode">): boolean {
  const when = restartWhen(spec.restart, run?.restarts ?? noRestarts);
  return when === "always" || (when === "failure" && exit.exitCode !== 0);
}

/** Whether its policy's next run is due, or being made and without a monitor yet. */
export function isNextRunDue({ run, exit }: ContainerRecord): boolean {
  return exit ? exit.restartDue === true : (run?.restarts?.count ?? 0) > 0;
}

/** Whether `system restore` starts a container that has ended and been cleaned up. One that has never run waits for somebody to start it. */
export function isRestored({ spec, run, exit }: ContainerRecord): boolean {
  if (!run || !spec.restart) return false;
  return spec.restart.policy === "always" || (spec.restart.policy === "unless-stopped" && !exit?.stoppedByUser);
}
