// Speaks to systemd on its bus by busctl(1), which comes with it: the only place where that program is run.
import { KernelError, TsnsError } from "../../base/error.ts";
import { runProgram } from "../proc/program.ts";
import { systemPath } from "../proc/search-path.ts";
import { busEnvironment } from "./environment.ts";

/** The one of the machine, or the one of the user who calls. */
export type SystemdInstance = "system" | "user";

/** As long as systemd is given for one answer. */
const timeoutSeconds = 30;

/** What is said when it refuses: one line. */
export interface BusRefusal {
  readonly refusal: string;
}

/** The words that busctl prints. Throws TsnsError unsupported where there is no such program. */
function ask(instance: SystemdInstance, words: readonly string[]): string | BusRefusal {
  const env = { PATH: systemPath(), LC_ALL: "C", ...busEnvironment() };
  try {
    const { status, stdout, stderr } = runProgram(
      "busctl",
      [`--${instance}`, `--timeout=${timeoutSeconds}`, "--", ...words],
      undefined,
      Object.entries(env).map((pair) => pair.join("=")),
    );
    return status === 0 ? stdout.toString() : { refusal: lastLine(stderr.toString()) || `busctl ended with ${status}` };
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === "ENOENT")) throw error;
    throw new TsnsError("unsupported", "no-busctl", "--systemd-cgroup: the program busctl is missing", {
      hint: "install the package systemd, or leave the option out",
      cause: error,
    });
  }
}

const lastLine = (text: string): string => (text.trim().split("\n").at(-1) ?? "").replace(/^Call failed: /, "");

const service = "org.freedesktop.systemd1";

/** A method of org.freedesktop.systemd1.Manager. */
export const callSystemd = (instance: SystemdInstance, method: string, signature: string, words: readonly string[]): string | BusRefusal =>
  ask(instance, ["call", service, "/org/freedesktop/systemd1", `${service}.Manager`, method, signature, ...words]);

/** Properties of text, in the order of `names`; the refusal, when there is none of it. */
export function readSystemd(
  instance: SystemdInstance,
  object: string,
  part: string,
  names: readonly string[],
): readonly string[] | BusRefusal {
  const answer = ask(instance, ["get-property", service, object, `${service}.${part}`, ...names]);
  return typeof answer === "string"
    ? answer
        .trimEnd()
        .split("\n")
        .map((line) => line.replace(/^s "(.*)"$/, "$1"))
    : answer;
}
