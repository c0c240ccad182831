// Options that stand before the command: `tsns --root DIR ps`.
import type { OptionTable } from "../command.ts";

export const globalOptions = {
  debug: { type: "boolean", short: "D", describe: "Print where an error came from" },
  root: { type: "string", value: "dir", describe: "Directory for everything tsns keeps (or $TSNS_ROOT)", completes: "directory" },
  version: { type: "boolean", short: "v", describe: "Print the version and exit" },
} as const satisfies OptionTable;
