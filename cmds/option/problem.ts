// Collects what is wrong with a command line, so that all of it is said at once.
import { TsnsError } from "../../src/base/error.ts";

export class Problems {
  readonly #list: TsnsError[] = [];

  add(message: string, hint?: string): void {
    this.#list.push(new TsnsError("invalid", "bad-option", message, hint === undefined ? {} : { hint }));
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
    const [first, ...rest] = this.#list;
    if (!first) return;
    if (rest.length === 0) throw first;
    const lines = this.#list.map((problem) => (problem.hint ? `${problem.message} (${problem.hint})` : problem.message));
    throw new TsnsError("invalid", "bad-options", lines.join("\n"), { problems: lines, exitCode: 125 });
  }
}
