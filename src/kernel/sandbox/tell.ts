// Tells the monitor of a running container to perform an operation: a file beside its socket, then the frame (native/README.md).
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { describeErrno } from "../../base/error.ts";
import { encodeOperations } from "./encode.ts";
import { helperMissing, sandboxProgram } from "./location.ts";

/** Why the monitor has not performed it. */
export interface TellFailure {
  readonly syscall: string;
  readonly errno: string;
  readonly detail: string;
  /** For people. */
  readonly text: string;
}

/** `word`: name of the file and of the helper's command. Undefined when it has been done. */
export function tellMonitor(word: string, directory: string, operation: readonly string[]): TellFailure | undefined {
  writeFileSync(`${directory}/${word}`, encodeOperations([operation, ["end"]]), { mode: 0o600 });
  const result = spawnSync(sandboxProgram, [word, `${directory}/attach`], { encoding: "utf8", env: {} });
  if (result.error) throw helperMissing(sandboxProgram, { cause: result.error });
  if (result.status === 0) return undefined;
  const said = result.stderr.trim().replace(/^tsns-sandbox: /, "");
  const [whole, syscall = "connect", errno = "EIO", detail = directory] = /^(\S+) (E[A-Z0-9]+) (.*)$/.exec(said) ?? [];
  return { syscall, errno, detail, text: whole === undefined ? said : `${detail}: ${describeErrno(errno)}` };
}
