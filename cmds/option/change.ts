// Options of every command that changes something; they come from the plan, not from the command.
import type { OptionTable } from "../command.ts";

export const changeOptions = {
  "dry-run": { type: "boolean", describe: "Print what would be done, change nothing" },
  explain: {
    type: "string",
    bare: "text",
    choices: ["text", "sh"],
    describe: "Print each step and its reason before it is done, as text or as shell commands (sh)",
  },
  timings: { type: "boolean", describe: "Print where the time went" },
} as const satisfies OptionTable;
