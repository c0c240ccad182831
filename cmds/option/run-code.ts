// Exit codes of commands that make or start a container beside run: docker's 125, 126, 127 are run's own.
import { TsnsError } from "../../src/base/error.ts";

/** The same error with exit code 1 where it has one of run's: docker's for start, create and exec -d, whatever kept them from it. */
export function withoutRunCode(error: unknown): unknown {
  if (!(error instanceof TsnsError) || error.exitCode < 125 || error.kind === "interrupted") return error;
  const { kind, code, message, hint } = error;
  return new TsnsError(kind, code, message, { ...(hint === undefined ? {} : { hint }), cause: error, exitCode: 1 });
}
