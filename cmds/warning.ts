// Warnings of a command that went on all the same.
import { escapeControl } from "../src/base/text.ts";
import type { Context } from "./command.ts";

/** One line each on standard error. */
export function printWarnings({ stderr }: Pick<Context, "stderr">, warnings: readonly string[] = []): void {
  for (const warning of warnings) stderr.write(`WARNING: ${escapeControl(warning)}\n`);
}
