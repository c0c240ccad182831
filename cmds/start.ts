// Runs one command: parses its words by its own table, builds its context, turns its end into an exit code.
// Knows neither the tree nor the process.
import { TsnsError } from "../src/base/error.ts";
import { type Engine, type EngineMode, type Explainer, loadExplainer, openEngine } from "../src/engine/engine.ts";
import type { Context, OptionTable } from "./command.ts";
import { contextOf } from "./context.ts";
import type { Host } from "./host.ts";
import { changeOptions } from "./option/change.ts";
import { type Parsed, parseOptions } from "./parse.ts";
import { reportError } from "./report.ts";
import type { Globals } from "./route.ts";
import type { AnyCommand } from "./tree.ts";
import { flagExitCode, isToolkit, isWrongWord, toolkitExitCode, usageError } from "./usage-error.ts";

export const defaultRoot = "/var/lib/tsns";

export interface Start {
  /** The command as typed: "run" or "container run". */
  readonly words: string;
  readonly rest: readonly string[];
  readonly globals: Globals;
  readonly host: Host;
}

/** Exit code. Never throws. */
export async function start(command: AnyCommand, given: Start): Promise<number> {
  let session: Session | undefined;
  try {
    const parsed = parseCommand(command, given);
    if (parsed === "help") {
      const { renderCommandHelp } = await import("./help.ts");
      const { stdout } = given.host;
      stdout.write(await renderCommandHelp(command, given.words, stdout.isTTY ? stdout.columns : 80));
      return 0;
    }
    const mode = { ...modeOf(parsed), look: !command.changes };
    session = openSession(given, mode, await loadExplainer(mode));
    const { values, args, dash } = parsed;
    // The table the values were parsed by is the command's own.
    return (
      (await command.run(session.context, {
        options: values as Parameters<typeof command.run>[1]["options"],
        args,
        ...(dash === undefined ? {} : { dash }),
      })) ?? 0
    );
  } catch (error) {
    const exitCode = reportError(error, given.host.stderr, given.globals.debug, command.failureExitCode ?? 1);
    return isWrongWord(command.path, error) ? toolkitExitCode : exitCode;
  } finally {
    session?.engine?.finish();
  }
}

/** A command's own options and those that come with `changes`. */
export function tableOf(command: AnyCommand): OptionTable {
  return command.changes ? { ...command.options, ...changeOptions } : command.options;
}

function parseCommand(command: AnyCommand, { words, rest }: Start): Parsed | "help" {
  const parsed = parseOptions(tableOf(command), rest, command.interspersed ?? true);
  if (parsed.help) return "help";
  const own = isToolkit(command.path) ? toolkitExitCode : undefined;
  if (parsed.problems.length > 0) throw usageError(words, parsed.problems, own ?? flagExitCode);
  const { json, format } = parsed.values;
  if (json === true && typeof format === "string" && format !== "" && format !== "json")
    throw usageError(words, ["conflicting options: --json and --format both say how to print"], own ?? flagExitCode);
  const problem = arityProblem(command, words, parsed.args.length);
  if (problem !== undefined) throw usageError(words, [problem], own ?? (command.failureExitCode === flagExitCode ? flagExitCode : 1));
  return parsed;
}

function arityProblem({ arity: [least, most], usage }: AnyCommand, words: string, count: number): string | undefined {
  if (count >= least && count <= most) return undefined;
  const amount =
    most === 0 ? "no arguments" : count < least ? `${least < most ? "at least " : ""}${plural(least)}` : `at most ${plural(most)}`;
  const operands = usage.replace(/^\[OPTIONS\] ?/, "");
  return `'tsns ${words}' takes ${amount}${operands === "" ? "" : `: ${operands}`}`;
}

function plural(count: number): string {
  return count === 1 ? "1 argument" : `${count} arguments`;
}

function modeOf({ values }: Parsed): EngineMode {
  const { explain } = values;
  return {
    dryRun: values["dry-run"] === true,
    explain: explain === "sh" || explain === "text" ? explain : false,
    timings: values.timings === true,
  };
}

interface Session {
  readonly context: Context;
  readonly engine: Engine | undefined;
}

function openSession({ globals, host }: Start, mode: EngineMode, explainer: Explainer | undefined): Session {
  let engine: Engine | undefined;
  const open = () => {
    engine ??= openEngine(rootOf(globals, host), {
      mode,
      explainer,
      print: (text) => host.stdout.write(text),
      note: (text) => host.stderr.write(text),
    });
    return engine;
  };
  return {
    context: contextOf(host, open, mode),
    get engine() {
      return engine;
    },
  };
}

/** Data root: --root, $TSNS_ROOT, /var/lib/tsns; absolute. */
function rootOf(globals: Globals, host: Host): string {
  const chosen = globals.root ?? host.env.TSNS_ROOT ?? "";
  if (chosen === "" && globals.root === undefined) return defaultRoot;
  if (chosen === "") throw new TsnsError("invalid", "bad-root", "--root is empty", { hint: "give a directory" });
  return process.getBuiltinModule("node:path").resolve(host.cwd, chosen);
}
