// Transactions and rule sets to the input of iptables-restore(8). Pure.
import type { Rule, RuleChange, RuleTransaction, TableName } from "../../plan/rule.ts";
import type { RuleSet } from "./parse.ts";
import { renderWord } from "./syntax.ts";

const tableOrder: readonly TableName[] = ["raw", "mangle", "nat", "filter", "security"];

export function tableOf(change: RuleChange): TableName {
  return "rule" in change ? change.rule.table : change.table;
}

/**
 * Input for `iptables-restore --noflush`: one block per table, changes in their order. Chains to be made or removed are declared
 * first, which makes or empties them; so a chain that is gone already can be removed again. `chain.ensure` is only for chains
 * that are not there (`withoutPresent` leaves out the others).
 */
export function renderTransaction(transaction: RuleTransaction): string {
  const blocks = tableOrder.flatMap((table) => {
    const changes = transaction.changes.filter((change) => tableOf(change) === table);
    if (changes.length === 0) return [];
    const chains = new Set(changes.flatMap((change) => ("chain" in change ? [change.chain] : [])));
    const declared = [...chains].map((chain) => `:${renderWord(chain)} - [0:0]`);
    // Jumps go before the chains that they lead to: a chain with references cannot be removed.
    const removals = changes.filter((change) => change.change === "chain.remove");
    const others = changes.filter((change) => change.change !== "chain.remove");
    return [`*${table}`, ...declared, ...[...others, ...removals].flatMap(renderChange), "COMMIT"];
  });
  return blocks.length === 0 ? "" : `${blocks.join("\n")}\n`;
}

const flags = { "rule.append": "-A", "rule.insert": "-I", "rule.remove": "-D" } as const;

function renderChange(change: RuleChange): string[] {
  // Releases have become removals, or nothing, before (`withoutReleases`).
  if (change.change === "chain.create" || change.change === "chain.ensure" || change.change === "chain.release") return [];
  if (change.change === "chain.remove") return [`-X ${renderWord(change.chain)}`];
  return [renderRule(flags[change.change], change.rule)];
}

function renderRule(flag: string, rule: Rule): string {
  return [flag, rule.chain, ...rule.args].map(renderWord).join(" ");
}

/** A rule as iptables-save writes it: `-A CHAIN -s 10.0.0.0/8 -j ACCEPT`. */
export const renderRuleWords = (rule: Rule): string => renderRule("-A", rule);

/** A rule set as `iptables-save -c` writes it, without its comments. */
export function renderRuleSet(set: RuleSet): string {
  return set.tables
    .map((table) => {
      const chains = table.chains.map(
        (chain) => `:${renderWord(chain.name)} ${chain.policy ?? "-"} [${chain.counter.packets}:${chain.counter.bytes}]`,
      );
      const rules = table.rules.map(({ rule, counter }) => `[${counter.packets}:${counter.bytes}] ${renderRule("-A", rule)}`);
      return `${[`*${table.table}`, ...chains, ...rules, "COMMIT"].join("\n")}\n`;
    })
    .join("");
}
