// Commands that take several names: each is tried, the failures are told, the others are done.
import { TsnsError } from "../../src/base/error.ts";
import type { Context } from "../command.ts";
import { renderError } from "../report.ts";

/** Runs `act` for each name in order; prints the name, or the text it returns, when it is done, nothing for false. Returns the exit code: 1 if one failed. */
export async function forEachName(
  context: Context,
  names: readonly string[],
  act: (name: string) => Promise<unknown> | unknown,
): Promise<number> {
  let failed = false;
  for (const name of names) {
    try {
      const output = await act(name);
      if (!context.mode.dryRun && output !== false) context.stdout.write(`${typeof output === "string" ? output : name}\n`);
    } catch (error) {
      if (!(error instanceof TsnsError)) throw error;
      failed = true;
      context.stderr.write(renderError(error, false));
    }
  }
  return failed ? 1 : 0;
}
