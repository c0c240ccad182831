// Tells the monitor of a running container to pass queries for names on: the file `names` beside its socket, then the frame (native/README.md).
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { describeErrno, KernelError, TsnsError } from "../../base/error.ts";
import { encodeOperations } from "./encode.ts";
import { helperMissing, sandboxProgram } from "./location.ts";

/** Throws KernelError for what the monitor could not do; TsnsError invalid when a program of the container has the relay's port. */
export function enableNames(directory: string, operation: readonly string[]): void {
  writeFileSync(`${directory}/names`, encodeOperations([operation, ["end"]]), { mode: 0o600 });
  const result = spawnSync(sandboxProgram, ["names", `${directory}/attach`], { encoding: "utf8", env: {} });
  if (result.error) throw helperMissing(sandboxProgram, { cause: result.error });
  if (result.status === 0) return;
  const said = result.stderr.trim().replace(/^tsns-sandbox: /, "");
  const [, syscall = "connect", errno = "EIO", detail = directory] = /^(\S+) (E[A-Z0-9]+) (.*)$/.exec(said) ?? [];
  if (errno === "EADDRINUSE")
    throw new TsnsError(
      "conflict",
      "name-port-taken",
      `cannot answer names in the container: port ${operation[3]} of ${detail} is taken there`,
      {
        hint: "end the program that listens there, or connect the container before it starts",
      },
    );
  const message = /^\S+ E[A-Z0-9]+ /.test(said) ? `${detail}: ${describeErrno(errno)}` : said;
  throw new KernelError(syscall, errno, detail, { message: `cannot answer names in the container: ${message}` });
}
