// A hook of an OCI container, run by the runtime itself: a program with the state on its standard input. When, and what its failure means, its
// caller knows.
import { spawnSync } from "node:child_process";
import { describeErrno } from "../../base/error.ts";
import type { RuntimeHook } from "../../runtime/config/hook.ts";

/** Of whoever called this program, without what its own parts tell each other. */
export const callerEnvironment = (): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TSNS_")));

/** What went wrong, in a few words; undefined: it ended with 0. What it prints goes where this process's errors go. */
export function runHook({ path, args, env, timeout }: RuntimeHook, stateText: string, directory: string): string | undefined {
  const [argv0 = path, ...rest] = args;
  const { error, status, signal } = spawnSync(path, rest, {
    argv0,
    cwd: directory,
    env: env ? Object.fromEntries(env.map((entry) => [entry.replace(/=.*/s, ""), entry.replace(/^[^=]*=?/, "")])) : callerEnvironment(),
    input: stateText,
    stdio: ["pipe", 2, 2],
    killSignal: "SIGKILL",
    ...(timeout === undefined ? {} : { timeout: timeout * 1000 }),
  });
  if (signal !== null && timeout !== undefined && error) return `it took longer than ${timeout} s`;
  if (error && "code" in error && error.code !== "EPIPE") return describeErrno(String(error.code));
  if (signal !== null) return `it was ended by ${signal}`;
  return status === 0 ? undefined : `it ended with ${status}`;
}
