// `--filter` as docker takes it: KEY=VALUE, several times. What keys there are is known by those who filter.
import { usageError } from "../usage-error.ts";

/** Throws a usage error for a filter without "="; an empty one is none, as docker has it. `words`: the command's. */
export function requireFilters(words: string, filters: readonly string[] | undefined): readonly string[] {
  const given = (filters ?? []).filter((filter) => filter !== "");
  const wrong = given.filter((filter) => !filter.includes("="));
  if (wrong.length > 0) {
    const problems = wrong.map((filter) => `invalid argument "${filter}" for "--filter" flag: bad format of filter (expected name=value)`);
    throw usageError(words, problems);
  }
  return given;
}
