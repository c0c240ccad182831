// Options of commands that print a list or objects. How they are printed: src/base/listing.ts.
import type { OptionTable } from "../command.ts";

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
