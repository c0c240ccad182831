// What is wrong with a command line: all problems of it, one line each, and where help is. Not what the words mean.
import { TsnsError } from "../src/base/error.ts";

/** Exit code docker gives for flags it does not know. */
export const flagExitCode = 125;

/** Commands on the kernel's own features, which have no model in docker: a wrong command line is 2, as shells and iproute2 have it. */
const toolkit = /^(net|ns|cgroup|mount|layer|registry|who|check|doctor|dns)( |$)/;
export const toolkitExitCode = 2;

/** Whether a command, by its canonical words, is one of the kernel toolkit. */
export const isToolkit = (path: string): boolean => toolkit.test(path);

/** Codes of errors that are always about what was typed, also where a command that docker has would end with 1. */
const wordCodes: ReadonlySet<string> = new Set(["bad-option", "bad-options", "bad-rate", "bad-tail", "bad-template", "template-failed"]);

/** Whether an error of a toolkit's command says that its command line is wrong. */
export const isWrongWord = (path: string, error: unknown): boolean =>
  isToolkit(path) && error instanceof TsnsError && error.kind === "invalid" && wordCodes.has(error.code);

/** `words`: the command as typed, "run" or "container run"; empty for tsns itself. */
export function usageError(words: string, problems: readonly string[], exitCode = flagExitCode): TsnsError {
  const command = words === "" ? "tsns" : `tsns ${words}`;
  return new TsnsError("invalid", "usage", problems.join("\n"), { problems, hint: `see '${command} --help'`, exitCode });
}
