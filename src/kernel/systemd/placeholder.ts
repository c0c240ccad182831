// A process that does nothing, for a scope that must not be empty until its container's first process is in it.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { waitUntil } from "../cgroup/wait.ts";
import { readStartTime } from "../proc/identity.ts";
import { helperMissing, namespaceProgram } from "../sandbox/location.ts";

/** Longer than a process may need for its end where others want all of the machine. */
const dyingMs = 10_000;

export interface Placeholder {
  readonly pid: number;
  /** Whether its group is at this logical path, in the hierarchy by which systemd knows who is in a unit. */
  isAt(path: string): boolean;
  /** It has left its groups when this returns. */
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
    end() {
      child.kill("SIGKILL");
      waitUntil(() => readStartTime(pid) === undefined, dyingMs);
    },
  };
}
