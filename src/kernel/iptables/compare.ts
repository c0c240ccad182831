// Whether two rules are the same, although iptables-save writes one in other words than it was given. Pure.
import { shortName } from "../../network/rule/option-name.ts";
import type { ChainRelease, Rule, RuleChange, RuleTransaction } from "../../plan/rule.ts";
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

const isRelease = (change: RuleChange): change is ChainRelease => change.change === "chain.release";

/** True for a transaction whose effect depends on what others have in shared chains. */
export const hasRelease = ({ changes }: RuleTransaction): boolean => changes.some(isRelease);

/** The transaction as it can be done, its releases being removals of what nobody needs any more. */
export function withoutReleases(transaction: RuleTransaction, set: RuleSet): RuleTransaction {
  const others = { ...transaction, changes: transaction.changes.filter((change) => !isRelease(change)) };
  const { changes } = withoutMissing(others, set);
  const chains = new Set(set.tables.flatMap(({ table, chains }) => chains.map(({ name }) => `${table} ${name}`)));
  let left = rulesAfter(changes, set);
  const released: RuleChange[] = [];
  for (const { table, chains: group, sets, jumps } of transaction.changes.filter(isRelease)) {
    const own = new Set(group);
    const known = new Set(jumps.map(normalRule));
    const here = left.filter((rule) => rule.table === table);
    if (here.some(({ chain }) => sets.includes(chain))) continue;
    if (here.some((rule) => !own.has(rule.chain) && own.has(targetOf(rule) ?? "") && !known.has(normalRule(rule)))) continue;
    const leading = left.filter((rule) => known.has(normalRule(rule)));
    released.push(
      ...leading.map((rule): RuleChange => ({ change: "rule.remove", rule })),
      ...group.filter((chain) => chains.has(`${table} ${chain}`)).map((chain): RuleChange => ({ change: "chain.remove", table, chain })),
    );
    left = left.filter((rule) => !leading.includes(rule) && !(rule.table === table && own.has(rule.chain)));
  }
  return { ...transaction, changes: [...changes, ...released] };
}

/** The rules that are there when the changes have been made. */
function rulesAfter(changes: readonly RuleChange[], set: RuleSet): readonly Rule[] {
  const emptied = chainsOf(changes.filter(({ change }) => change !== "chain.ensure"));
  const removed = new Set(changes.flatMap((change) => (change.change === "rule.remove" ? [normalRule(change.rule)] : [])));
  return set.tables
    .flatMap((table) => table.rules.map(({ rule }) => rule))
    .filter((rule) => !emptied.has(`${rule.table} ${rule.chain}`) && !removed.has(normalRule(rule)))
    .concat(changes.flatMap((change) => (change.change === "rule.append" || change.change === "rule.insert" ? [change.rule] : [])));
}
