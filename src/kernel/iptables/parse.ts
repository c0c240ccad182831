// What `iptables-save -c` prints, as values. Pure.
import { TsnsError } from "../../base/error.ts";
import type { Rule, TableName } from "../../plan/rule.ts";
import { parseWords } from "./syntax.ts";

/** Counters are 64 bit in the kernel. */
export interface Counter {
  readonly packets: bigint;
  readonly bytes: bigint;
}

export interface ChainState {
  readonly name: string;
  /** ACCEPT, DROP ... of a built-in chain; undefined for a user's chain. */
  readonly policy?: string;
  readonly counter: Counter;
}

export interface CountedRule {
  readonly rule: Rule;
  readonly counter: Counter;
}

export interface TableState {
  readonly table: TableName;
  readonly chains: readonly ChainState[];
  /** In the order of the listing: grouped by chain, in chain order. */
  readonly rules: readonly CountedRule[];
}

export interface RuleSet {
  readonly tables: readonly TableState[];
}

const tableNames: readonly string[] = ["filter", "nat", "mangle", "raw", "security"] satisfies TableName[];
const noCounter: Counter = { packets: 0n, bytes: 0n };

interface OpenTable {
  readonly table: TableName;
  readonly chains: ChainState[];
  readonly rules: CountedRule[];
}

/** Reads the output of `iptables-save`, with or without `-c`. Throws TsnsError unsupported `iptables-output` naming the line. */
export function parseRuleSet(text: string): RuleSet {
  const tables: TableState[] = [];
  let open: OpenTable | undefined;
  for (const [at, line] of text.split("\n").entries()) {
    if (open && (line.startsWith("[") || line.startsWith("-"))) {
      open.rules.push(parseRule(line, at, open.table));
      continue;
    }
    if (line.trim() === "" || line.startsWith("#")) continue;
    if (line.startsWith("*")) {
      open = { table: parseTable(line, at), chains: [], rules: [] };
      tables.push(open);
    } else if (line.trim() === "COMMIT") {
      open = undefined;
    } else if (open && line.startsWith(":")) {
      open.chains.push(parseChain(line, at));
    } else if (open) {
      open.rules.push(parseRule(line, at, open.table));
    } else {
      throw unreadable(line, at);
    }
  }
  return { tables };
}

/** `*nat`. `at`: the number of the line, from 0, for the error. */
export function parseTable(line: string, at: number): TableName {
  const name = line.slice(1).trim();
  if (!tableNames.includes(name)) throw unreadable(line, at);
  return name as TableName;
}

/** `:INPUT ACCEPT [0:0]`. */
export function parseChain(line: string, at: number): ChainState {
  const [name = "", policy = "", counter] = parseWords(line.slice(1));
  if (name === "" || policy === "") throw unreadable(line, at);
  return { name, ...(policy === "-" ? {} : { policy }), counter: counter === undefined ? noCounter : parseCounter(counter, line, at) };
}

function parseRule(line: string, at: number, table: TableName): CountedRule {
  const words = parseWords(line);
  const counter = words[0]?.startsWith("[") ? parseCounter(words.shift() ?? "", line, at) : noCounter;
  const [flag, chain, ...args] = words;
  if (flag !== "-A" || chain === undefined) throw unreadable(line, at);
  return { rule: { table, chain, args }, counter };
}

function parseCounter(text: string, line: string, at: number): Counter {
  if (text === "[0:0]") return noCounter;
  const match = /^\[(\d+):(\d+)\]$/.exec(text);
  if (!match) throw unreadable(line, at);
  return { packets: BigInt(match[1] ?? 0), bytes: BigInt(match[2] ?? 0) };
}

/** The error for a line that iptables-save does not print. */
export function unreadable(line: string, at: number): TsnsError {
  return new TsnsError("unsupported", "iptables-output", `line ${at + 1} of iptables-save is not understood: ${line}`);
}
