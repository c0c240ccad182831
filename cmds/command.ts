// What a command is: usage, options as data, and `run(context, input)`. Known by every file in cmds/;
// knows neither yargs nor the engine's insides.
import type { Engine } from "../src/engine/engine.ts";
import type { Surroundings } from "./host.ts";

/** How an option is written. `list` may be repeated. `optional` string: `--explain` or `--explain=sh`. */
export interface Option {
  readonly type: "boolean" | "string" | "number" | "list";
  /** One letter, without dash. */
  readonly short?: string;
  readonly describe: string;
  /** Placeholder in help: docker's words (string, list, bytes, int, duration, decimal). */
  readonly value?: string;
  readonly default?: boolean | string | number;
  /** A string option that may stand without value; then it has this one. */
  readonly bare?: string;
  readonly hidden?: boolean;
  /** Other long spellings (docker: --net for --network). */
  readonly aliases?: readonly string[];
  /** Values for validation and completion. */
  readonly choices?: readonly string[];
  /** `choices` are for completion: the command refuses others itself. */
  readonly judged?: true;
  /** What shell completion offers. */
  readonly completes?: "container" | "running" | "image" | "network" | "volume" | "link" | "bridge" | "file" | "directory";
}

export type OptionTable = Readonly<Record<string, Option>>;

type ValueOf<O extends Option> = O["type"] extends "boolean"
  ? boolean | undefined
  : O["type"] extends "string"
    ? string | undefined
    : O["type"] extends "number"
      ? number | undefined
      : readonly string[] | undefined;

export type ValuesOf<T extends OptionTable> = { readonly [K in keyof T]: ValueOf<T[K]> };

/** All a command may know of its process, so that it also runs inside a resident process or a test. */
export interface Context extends Surroundings {
  readonly signal: AbortSignal;
  /** The engine on the data root chosen by --root, opened at first use. */
  engine(): Engine;
  /** Shared options of commands that change something: --dry-run, --explain[=sh], --timings. */
  readonly mode: { readonly dryRun: boolean; readonly explain: false | "text" | "sh"; readonly timings: boolean };
}

export interface Input<T extends OptionTable> {
  readonly options: ValuesOf<T>;
  /** Positional arguments; for `interspersed: false` everything from the first one on. */
  readonly args: readonly string[];
  /** How many of them stood before "--"; absent without it. */
  readonly dash?: number;
}

export interface Command<T extends OptionTable = OptionTable> {
  /** Words after `tsns`, canonical: "container run". The tree also lists short spellings ("run"). */
  readonly path: string;
  /** What follows the words in the usage line, docker's: "[OPTIONS] IMAGE [COMMAND] [ARG...]". */
  readonly usage: string;
  /** One line without a full stop, imperative; docker's meaning in own words. */
  readonly summary: string;
  readonly options: T;
  /** Least and most positional arguments. */
  readonly arity: readonly [number, number];
  /** false: options end at the first positional argument (run, exec, create). Default true. */
  readonly interspersed?: boolean;
  /** true: changes something, so --dry-run, --explain and --timings are added. */
  readonly changes?: boolean;
  /** Exit code of failures that have none of their own (docker run: 125). Default 1. */
  readonly failureExitCode?: number;
  /** What positional arguments complete to; a list has one for each place, the last one for all that follow. */
  readonly completes?: Option["completes"] | readonly NonNullable<Option["completes"]>[];
  run(context: Context, input: Input<T>): Promise<number | undefined> | number | undefined;
}

/** Keeps the option types of a command literal. Each command file says `export const command = defineCommand({ ... })`. */
export function defineCommand<const T extends OptionTable>(command: Command<T>): Command<T> {
  return command;
}
