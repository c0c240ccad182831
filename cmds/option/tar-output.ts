// Where a command writes its tar: `-o FILE`, else standard output, which must not be a terminal.
import { resolve } from "node:path";
import { TsnsError } from "../../src/base/error.ts";
import type { Context } from "../command.ts";

/** An absolute path, or "-". Throws TsnsError invalid `tar-to-terminal` in docker's words; `again` is the command with a pipe or file behind it. */
export function tarOutput(context: Context, file: string | undefined, again: string): string {
  if (file && file !== "-") return resolve(context.cwd, file);
  if (context.stdout.isTTY && !context.mode.dryRun) {
    throw new TsnsError("invalid", "tar-to-terminal", "cowardly refusing to save to a terminal", {
      hint: `give -o FILE, or redirect: tsns ${again} > FILE`,
    });
  }
  return "-";
}
