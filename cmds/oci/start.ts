// Runs one command of the OCI runtime: parses its words as runc's are written, says errors where its callers look for them. Beside cmds/start.ts
// because no data root and no store is opened on the way, and because errors go to --log too.
import { TsnsError } from "../../src/base/error.ts";
import { contextOf } from "../context.ts";
import { type Parsed, parseOptions } from "../parse.ts";
import { reportError } from "../report.ts";
import type { Start } from "../start.ts";
import type { AnyCommand } from "../tree.ts";
import { usageError } from "../usage-error.ts";
import { openLog } from "./log.ts";
import { doubleDashes } from "./words.ts";

/** Exit code. Never throws. */
export async function start(command: AnyCommand, { words, rest, globals, host }: Start): Promise<number> {
  const interspersed = command.interspersed ?? true;
  const { values, args, help, problems } = parseOptions(command.options, doubleDashes(command.options, rest, interspersed), interspersed);
  const debug = globals.debug || values.debug === true;
  try {
    if (help) {
      const { renderCommandHelp } = await import("../help.ts");
      host.stdout.write(await renderCommandHelp(command, words, host.stdout.isTTY ? host.stdout.columns : 80));
      return 0;
    }
    if (problems.length > 0) throw usageError(words, problems, 1);
    checkArity(command, words, args.length);
    return (
      (await command.run(contextOf(host, noEngine, { dryRun: false, explain: false, timings: false }), {
        // The table the values were parsed by is the command's own.
        options: withRoot(values, globals.root) as Parameters<typeof command.run>[1]["options"],
        args,
      })) ?? 0
    );
  } catch (error) {
    logError(values, error);
    return reportError(error, host.stderr, debug, command.failureExitCode ?? 1);
  }
}

/** `tsns --root DIR oci ...` names a data root, which a runtime has none of: it is refused instead of being something else. */
function withRoot(values: Parsed["values"], root: string | undefined): Parsed["values"] {
  if (root === undefined) return values;
  throw new TsnsError("invalid", "bad-root", "--root before `oci` is the engine's data root", { hint: "write tsns oci --root DIR ..." });
}

function checkArity({ arity: [least, most], usage }: AnyCommand, words: string, count: number): void {
  if (count >= least && count <= most) return;
  const amount = least === most ? `exactly ${least}` : count < least ? `at least ${least}` : `at most ${most}`;
  const operands = usage.replace(/^\[OPTIONS\] ?/, "");
  const text = `"${words}" takes ${amount} argument${amount.endsWith(" 1") ? "" : "s"}`;
  throw usageError(words, [operands === "" ? text : `${text}: ${operands}`], 1);
}

function noEngine(): never {
  throw new TsnsError("internal", "no-engine", "the OCI runtime has no data root");
}

/** Callers read the last error of the file: message and remedy are one line, and several problems are one line each. */
function logError({ log, "log-format": format }: Parsed["values"], error: unknown): void {
  if (typeof log !== "string") return;
  const lines = error instanceof TsnsError && error.problems ? error.problems : [error instanceof Error ? error.message : String(error)];
  const file = openLog(log, typeof format === "string" ? format : undefined);
  for (const line of lines) file.add("error", line);
}
