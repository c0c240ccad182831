// A process that does nothing, for a scope that must not be empty until its container's first process is in it.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { helperMissing, namespaceProgram } from "../sandbox/location.ts";

export interface Placeholder {
  readonly pid: number;
  /** Whether its group is at this logical path, in the hierarchy by which systemd knows who is in a unit. */
  isAt(path: string): boolean;
  end(): void;
}

/** Ends with this process, or what that becomes, at the latest. Throws TsnsError where the program is missing. */
export function openPlaceholder(): Placeholder {
  const child = spawn(namespaceProgram, ["stay", `${process.pid}`], { stdio: "ignore", env: {} });
  // Told by the pid that is missing.
  child.once("error", () => {});
  child.unref();
  const { pid } = child;
  if (pid === undefined) throw helperMissing(namespaceProgram);
  return {
    pid,
    isAt: (path) =>
      readFileSync(`/proc/${pid}/cgroup`, "utf8")
        .split("\n")
        .some((line) => /^\d+:(?:name=systemd)?:/.test(line) && line.endsWith(`:${path}`)),
    end: () => void child.kill("SIGKILL"),
  };
}
