// Commands that take several names: each is tried, the failures are told, the others are done.
import { TsnsError } from "../../src/base/error.ts";
import type { Context } from "../command.ts";
import { renderError } from "../report.ts";

export type Act = (name: string) => Promise<unknown> | unknown;

/** Runs `act` for each name in order; prints the name, or the text it returns, when it is done, nothing for false. Returns the exit code: 1 if one failed. */
export async function forEachName(context: Context, names: readonly string[], act: Act): Promise<number> {
  let failed = false;
  for (const name of names) if (!(await tryOne(context, name, act))) failed = true;
  return failed ? 1 : 0;
}

/** As `forEachName`, all at once: for what waits, so that the times it waits do not add up. Names are printed as they are done. */
export async function forEachAtOnce(context: Context, names: readonly string[], act: Act): Promise<number> {
  // What a dry run prints stays in order.
  if (context.mode.dryRun) return forEachName(context, names, act);
  const done = await Promise.all(names.map((name) => tryOne(context, name, act)));
  return done.includes(false) ? 1 : 0;
}

/** For `rm --force`: what is missing is no error and answers `instead`, which is what the command prints (see `forEachName`). */
export function unlessMissing<T>(force: boolean | undefined, instead: T): (error: unknown) => T {
  return (error) => {
    if (force && error instanceof TsnsError && error.kind === "not-found") return instead;
    throw error;
  };
}

/** False when it failed. Throws what is no failure of this one: that the user has ended the command. */
async function tryOne(context: Context, name: string, act: Act): Promise<boolean> {
  try {
    const output = await act(name);
    if (!context.mode.dryRun && output !== false) context.stdout.write(`${typeof output === "string" ? output : name}\n`);
    return true;
  } catch (error) {
    if (!(error instanceof TsnsError) || error.kind === "interrupted") throw error;
    context.stderr.write(renderError(error, false));
    return false;
  }
}
