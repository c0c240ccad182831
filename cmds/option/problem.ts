// Collects what is wrong with a command line, so that all of it is said at once.
import { TsnsError } from "../../src/base/error.ts";
import { flagExitCode } from "../usage-error.ts";

/** Code of what docker's client lets pass and its engine refuses. */
export const refusedCode = "refused-option";

/** Codes of such problems: a `create` that has only those ends with 1, with any other problem of the command line with 125. */
const engineCodes: ReadonlySet<string> = new Set([
  refusedCode,
  "bad-log-option",
  "bad-mount-config",
  "bad-platform",
  "bad-restart",
  "bad-volume",
  "unknown-capability",
  "unknown-signal",
]);

export class Problems {
  #list: TsnsError[] = [];

  add(message: string, hint?: string): void {
    this.#list.push(new TsnsError("invalid", "bad-option", message, hint === undefined ? {} : { hint }));
  }

  /** As add, for what docker's engine refuses, not its client. */
  refuse(message: string, hint?: string): void {
    this.#list.push(new TsnsError("invalid", refusedCode, message, hint === undefined ? {} : { hint }));
  }

  /** The value of `body`, or `fallback` when it throws a TsnsError, which is kept. */
  collect<T>(body: () => T, fallback: T): T {
    try {
      return body();
    } catch (error) {
      if (!(error instanceof TsnsError)) throw error;
      this.#list.push(error);
      return fallback;
    }
  }

  /** Throws nothing, the one problem, or an error whose message has a line for each. */
  throwIfAny(): void {
    this.#throw(() => flagExitCode);
  }

  /** As throwIfAny, with docker's exit codes of `create` and `update`: 125 as soon as its client would refuse one, else 1. */
  throwAsClient(): void {
    this.#list = this.#list.map(withExitCode);
    this.#throw((codes) => Math.max(...codes));
  }

  #throw(exitCodeOf: (codes: readonly number[]) => number): void {
    const [first, ...rest] = this.#list;
    if (!first) return;
    if (rest.length === 0) throw first;
    const lines = this.#list.map((problem) => (problem.hint ? `${problem.message} (${problem.hint})` : problem.message));
    throw new TsnsError("invalid", "bad-options", lines.join("\n"), {
      problems: lines,
      exitCode: exitCodeOf(this.#list.map(({ exitCode }) => exitCode)),
    });
  }
}

function withExitCode(problem: TsnsError): TsnsError {
  const { kind, code, message, hint } = problem;
  if (problem.exitCode !== 1 || kind !== "invalid" || engineCodes.has(code)) return problem;
  return new TsnsError(kind, code, message, { ...(hint === undefined ? {} : { hint }), cause: problem, exitCode: flagExitCode });
}
