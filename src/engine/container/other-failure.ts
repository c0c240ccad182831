// The error that another OCI runtime's refusal becomes: its own words, with docker's exit codes. Loaded when there is one.
import { describeErrno, TsnsError } from "../../base/error.ts";
import { runtimeLog } from "../../container/sandbox-other.ts";
import type { ContainerSpec } from "../../container/spec.ts";
import { runtimeError } from "../../kernel/sandbox/other-runtime.ts";
import type { SandboxFailure } from "../../kernel/sandbox/report.ts";

/** What docker's command line looks for in a runtime's message: whether the command, and not the container, is at fault. */
const faults: readonly (readonly [message: RegExp, exitCode: number, hint: string])[] = [
  [/executable file .*not found|no such file or directory/i, 127, "name a program the image has"],
  [/permission denied|is a directory|exec format error|open executable/i, 126, "make it an executable file of this machine's architecture"],
];

/** `bundle`: where the runtime has written why. */
export function errorOfRuntime({ operation, detail, errno }: SandboxFailure, spec: ContainerSpec, bundle: string): TsnsError {
  const word = operation.replace("runtime-", "");
  const name = spec.runtime ?? "";
  const said = runtimeError(runtimeLog(bundle));
  if (said === undefined) {
    const why = errno === "ECHILD" ? `${spec.runtimeProgram} ${detail}` : `${detail}: ${describeErrno(errno)}`;
    return new TsnsError("unavailable", "runtime-failed", `OCI runtime ${word} failed: ${why}`, {
      hint: `see whether ${name} is an OCI runtime that works here, or leave out --runtime`,
      exitCode: 125,
    });
  }
  const [, exitCode = 125, hint = `it is ${name} that refuses: leave out --runtime to have tsns make the container`] =
    faults.find(([message]) => message.test(said)) ?? [];
  return new TsnsError("invalid", "runtime-refused", `OCI runtime ${word} failed: ${said.trim().replaceAll("\n", " ")}`, {
    hint,
    exitCode,
  });
}
