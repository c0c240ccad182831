// Other OCI runtimes: what one has written of a failure, and having it forget a container.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { isErrno, TsnsError } from "../../base/error.ts";
import type { RuntimeDelete } from "../../plan/step/process.ts";
import { systemPath } from "../proc/search-path.ts";
import { removeTree } from "../tree/remove.ts";

/** Throws unavailable when the runtime is gone or refuses. */
export function deleteFromRuntime({ program, state, container }: Omit<RuntimeDelete, "kind">): void {
  if (!existsSync(state)) return;
  const environment = { ...process.env, PATH: systemPath() };
  const { error, status, stderr } = spawnSync(program, ["--root", state, "delete", "--force", container], {
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (!error && (status === 0 || /does not exist|no such/i.test(stderr))) {
    removeTree(state, { within: dirname(state) });
    return;
  }
  const why = error ? error.message : (stderr.trim().split("\n").at(-1) ?? "");
  throw new TsnsError("unavailable", "runtime-failed", `${program} delete --force ${container}: ${why}`, {
    hint: error && isErrno(error, "ENOENT") ? "put the runtime back where it was" : `see what it says: ${program} --root ${state} list`,
  });
}

/** The last error in a log that a runtime has written as JSON (its --log-format json); undefined when it has said nothing. */
export function runtimeError(logPath: string): string | undefined {
  let found: string | undefined;
  for (const line of readLines(logPath)) {
    try {
      const entry: unknown = JSON.parse(line);
      if (typeof entry !== "object" || entry === null || !("msg" in entry) || typeof entry.msg !== "string") continue;
      if (!("level" in entry) || entry.level === "error" || entry.level === "fatal") found = entry.msg;
    } catch {
      found = line;
    }
  }
  return found;
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}
