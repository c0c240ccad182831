// What is wrong with a command line: all problems of it, one line each, and where help is. Not what the words mean.
import { TsnsError } from "../src/base/error.ts";

/** Exit code docker gives for flags it does not know. */
export const flagExitCode = 125;

/** `words`: the command as typed, "run" or "container run"; empty for tsns itself. */
export function usageError(words: string, problems: readonly string[], exitCode = flagExitCode): TsnsError {
  const command = words === "" ? "tsns" : `tsns ${words}`;
  return new TsnsError("invalid", "usage", problems.join("\n"), { hint: `see '${command} --help'`, exitCode });
}
