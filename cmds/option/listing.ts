// Options of commands that print a list or objects. How they are printed: src/base/listing.ts.
import type { OptionTable } from "../command.ts";
import { toolkitExitCode, usageError } from "../usage-error.ts";

export const formatOption = {
  type: "string",
  describe: "Print with a Go template; `table TEMPLATE` adds a header, `json` gives one object per line",
} as const;

export const listingOptions = {
  format: formatOption,
  json: { type: "boolean", describe: "Print one JSON array" },
  "no-trunc": { type: "boolean", describe: "Do not shorten anything" },
  quiet: { type: "boolean", short: "q", describe: "Print only names or ids" },
} as const satisfies OptionTable;

/** Throws a usage error for a --depth below 0, which would show nothing at all. */
export function refuseDepth(path: string, depth: number | undefined): void {
  if (depth !== undefined && depth < 0) throw usageError(path, [`invalid --depth ${depth}: from 0 levels`], toolkitExitCode);
}
