// The option of commands that work inside any network namespace. How a reference is resolved: src/engine/network/namespace.ts.
import type { OptionTable } from "../command.ts";

/** What a reference may be, for the descriptions of options. */
export const namespaceReference = "container, pid, path, inode or name";

export const namespaceOptions = {
  in: {
    type: "string",
    value: "reference",
    aliases: ["ns"],
    describe: `Network namespace to work in: ${namespaceReference} (default: this one)`,
    completes: "running",
  },
} as const satisfies OptionTable;
