// Whether two rules are the same, although iptables-save writes one in other words than it was given. Pure.
import { shortName } from "../../network/rule/option-name.ts";
import type { Rule, RuleChange, RuleTransaction } from "../../plan/rule.ts";
import type { RuleSet } from "./parse.ts";

/** Listed in the kernel's order, whatever order was given. */
const sets = new Set(["--ctstate", "--state"]);

/**
 * A text that is equal for equal rules: options by their short names with their values, sorted; host addresses with /32;
 * without the `-m tcp` that `-p tcp` implies. The order of matches, which the text loses, changes no verdict.
 */
export function normalRule(rule: Rule): string {
  const options: string[][] = [];
  let negated = false;
  for (const word of rule.args) {
    const last = options.at(-1);
    if (word === "!") negated = true;
    else if (/^-(-|[a-zA-Z])/.test(word) || !last || negated) {
      options.push([...(negated ? ["!"] : []), shortName(word)]);
      negated = false;
    } else last.push(word);
  }
  const protocol = options.find((option) => option[0] === "-p")?.[1];
  const kept = options.filter((option) => !(option[0] === "-m" && option[1] === protocol));
  const normal = kept.map((option) => option.map((word, at) => normalWord(option[at - 1], word)).join(" "));
  return [rule.table, rule.chain, ...normal.sort()].join("\n");
}

function normalWord(option: string | undefined, word: string): string {
  if (option === "-s" || option === "-d") {
    if (word.includes("/")) return word;
    return `${word}/${word.includes(":") ? 128 : 32}`;
  }
  return option !== undefined && sets.has(option) ? word.split(",").sort().join(",") : word;
}

/** The target of a rule (`-j` or `-g`), undefined without one. */
export function targetOf(rule: Rule): string | undefined {
  const at = rule.args.findLastIndex((word) => ["-j", "-g"].includes(shortName(word)));
  return at < 0 ? undefined : rule.args[at + 1];
}

/** The transaction without the chains and insertions that are there already. */
export function withoutPresent(transaction: RuleTransaction, set: RuleSet): RuleTransaction {
  const present = new Set(set.tables.flatMap((table) => table.rules.map(({ rule }) => normalRule(rule))));
  const chains = new Set(set.tables.flatMap(({ table, chains }) => chains.map(({ name }) => `${table} ${name}`)));
  const needed = transaction.changes.filter((change) => change.change !== "chain.ensure" || !chains.has(`${change.table} ${change.chain}`));
  const emptied = chainsOf(needed);
  const changes = needed.filter((change) => {
    if (change.change !== "rule.append" && change.change !== "rule.insert") return true;
    return emptied.has(`${change.rule.table} ${change.rule.chain}`) || !present.has(normalRule(change.rule));
  });
  return { ...transaction, changes };
}

/**
 * The transaction as it can still be done: without removals of rules that are gone, each removal as often as its rule is
 * there, and with the removal of every rule that leads to a chain to be removed.
 */
export function withoutMissing(transaction: RuleTransaction, set: RuleSet): RuleTransaction {
  const rules = set.tables.flatMap((table) => table.rules.map(({ rule }) => rule));
  const doomed = new Set(
    transaction.changes.flatMap((change) => (change.change === "chain.remove" ? [`${change.table} ${change.chain}`] : [])),
  );
  const unwanted = new Set(transaction.changes.flatMap((change) => (change.change === "rule.remove" ? [normalRule(change.rule)] : [])));
  const emptied = chainsOf(transaction.changes);
  const removals = rules
    .filter((rule) => unwanted.has(normalRule(rule)) || doomed.has(`${rule.table} ${targetOf(rule)}`))
    .filter((rule) => !emptied.has(`${rule.table} ${rule.chain}`))
    .map((rule): RuleChange => ({ change: "rule.remove", rule }));
  return { ...transaction, changes: [...removals, ...transaction.changes.filter((change) => change.change !== "rule.remove")] };
}

/** Chains that a transaction makes, empties or removes. */
function chainsOf(changes: readonly RuleChange[]): ReadonlySet<string> {
  return new Set(changes.flatMap((change) => ("chain" in change ? [`${change.table} ${change.chain}`] : [])));
}
