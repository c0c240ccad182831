// Command line words to option values, with the rules docker's flags have: combined short options, values attached or
// separate (also when they begin with a dash), options that end at the first argument or at "--". Knows option tables,
// no command. Own code instead of yargs, whose set-up and three passes cost more than the rest of `tsns ps`; yargs renders help.
import { nearest } from "../src/base/text.ts";
import type { Option, OptionTable } from "./command.ts";

export type Value = boolean | string | number | readonly string[];

export interface Parsed {
  readonly values: Readonly<Record<string, Value>>;
  readonly args: readonly string[];
  /** How many arguments stood before "--"; absent without it. */
  readonly dash?: number;
  /** --help was there; nothing after it was looked at. */
  readonly help: boolean;
  /** Everything wrong, in order. */
  readonly problems: readonly string[];
}

interface Scan {
  readonly table: OptionTable;
  readonly words: readonly string[];
  readonly values: Record<string, boolean | string | number | string[]>;
  readonly problems: string[];
  at: number;
  help: boolean;
}

/** Parses the words after the command. `interspersed` false: options end at the first argument. */
export function parseOptions(table: OptionTable, words: readonly string[], interspersed: boolean): Parsed {
  const scan: Scan = { table, words, values: {}, problems: [], at: 0, help: false };
  const args: string[] = [];
  let dash: number | undefined;
  while (scan.at < words.length && !scan.help) {
    const word = words[scan.at++] ?? "";
    if (word === "--") {
      dash = args.length;
      args.push(...words.slice(scan.at));
      break;
    }
    if (word === "-" || word === "->" || !word.startsWith("-")) {
      args.push(word);
      if (interspersed) continue;
      args.push(...words.slice(scan.at));
      break;
    }
    if (word.startsWith("--")) scanLong(scan, word.slice(2));
    else scanShorts(scan, word);
  }
  for (const [name, option] of Object.entries(table)) {
    if (option.default !== undefined && !(name in scan.values)) scan.values[name] = option.default;
  }
  return { values: scan.values, args, ...(dash === undefined ? {} : { dash }), help: scan.help, problems: scan.problems };
}

function scanLong(scan: Scan, word: string): void {
  const equals = word.indexOf("=");
  const spelling = equals === -1 ? word : word.slice(0, equals);
  const attached = equals === -1 ? undefined : word.slice(equals + 1);
  const name = longName(scan.table, spelling);
  if (name === undefined) {
    if (spelling === "help" && (attached === undefined || attached === "true")) scan.help = true;
    else scan.problems.push(unknownOption(scan.table, spelling));
    return;
  }
  take(scan, name, `--${spelling}`, attached, false);
}

/** -it, -itd, -p8080:80, -p=8080:80, -e A=B. */
function scanShorts(scan: Scan, word: string): void {
  for (let i = 1; i < word.length; i++) {
    const letter = word[i] ?? "";
    const name = shortName(scan.table, letter);
    if (name === undefined) {
      if (letter === "h") scan.help = true;
      else scan.problems.push(`unknown shorthand flag '${letter}' in ${word}`);
      return;
    }
    const option = scan.table[name];
    const rest = word.slice(i + 1);
    if (option?.type === "boolean" || option?.bare !== undefined) {
      const attached = rest.startsWith("=") ? rest.slice(1) : undefined;
      take(scan, name, `-${letter}`, attached, true);
      if (attached !== undefined) return;
      continue;
    }
    const attached = rest === "" ? undefined : rest.startsWith("=") ? rest.slice(1) : rest;
    take(scan, name, `-${letter}`, attached, true);
    return;
  }
}

function longName(table: OptionTable, spelling: string): string | undefined {
  if (Object.hasOwn(table, spelling)) return spelling;
  for (const name in table) if (table[name]?.aliases?.includes(spelling)) return name;
  return undefined;
}

function shortName(table: OptionTable, letter: string): string | undefined {
  for (const name in table) if (table[name]?.short === letter) return name;
  return undefined;
}

function take(scan: Scan, name: string, spelling: string, attached: string | undefined, short: boolean): void {
  const option = scan.table[name];
  if (!option) return;
  let text = attached;
  if (text === undefined) {
    if (option.type === "boolean") text = "true";
    else if (option.bare !== undefined) text = option.bare;
    else if (scan.at < scan.words.length) text = scan.words[scan.at++] ?? "";
    else {
      scan.problems.push(`flag needs an argument: ${short ? `'${spelling.slice(1)}' in ${spelling}` : spelling}`);
      return;
    }
  }
  const value = convert(option, text);
  if (value === undefined) {
    const flag = option.short === undefined ? `--${name}` : `-${option.short}, --${name}`;
    scan.problems.push(`invalid argument ${JSON.stringify(text)} for "${flag}": ${expectation(option)}`);
  } else if (option.type === "list") {
    const list = scan.values[name];
    if (Array.isArray(list)) list.push(text);
    else scan.values[name] = [text];
  } else scan.values[name] = value;
}

function convert(option: Option, text: string): string | number | boolean | undefined {
  switch (option.type) {
    case "boolean":
      if (/^(1|t|T|true|TRUE|True)$/.test(text)) return true;
      return /^(0|f|F|false|FALSE|False)$/.test(text) ? false : undefined;
    case "number":
      return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text) && (option.value === "decimal" || Number.isSafeInteger(Number(text)))
        ? Number(text)
        : undefined;
    default:
      return option.choices && !option.judged && !option.choices.includes(text) ? undefined : text;
  }
}

function expectation(option: Option): string {
  if (option.type === "boolean") return "must be true or false";
  if (option.type === "number") return option.value === "decimal" ? "must be a number" : "must be a whole number";
  return `must be one of ${option.choices?.join(", ")}`;
}

function unknownOption(table: OptionTable, spelling: string): string {
  const names = Object.keys(table).filter((name) => !table[name]?.hidden);
  const [guess] = nearest(spelling, [...names, "help"]);
  return `unknown flag: --${spelling}${guess === undefined ? "" : `, did you mean --${guess}?`}`;
}
