// The iptables wrapper: rules are values, a transaction is one run of iptables-restore. See README.md beside this file.
// Knows nothing of networks or containers.
import { TsnsError } from "../../base/error.ts";
import type { IpFamily, RuleChange, RuleTransaction } from "../../plan/rule.ts";
import { hasRelease, withoutMissing, withoutPresent, withoutReleases } from "./compare.ts";
import { parseRuleSet, type RuleSet } from "./parse.ts";
import { renderTransaction } from "./render.ts";
import { type IptablesOptions, iptablesError, type Outcome, requireIptables, runIptables } from "./run.ts";

export { normalRule, targetOf } from "./compare.ts";
export { type ChainState, type CountedRule, type Counter, parseRuleSet, type RuleSet, type TableState } from "./parse.ts";
export { renderRuleSet, renderRuleWords, renderTransaction } from "./render.ts";
export { type Backend, type IptablesOptions, readBackend, requireIptables } from "./run.ts";
export { parseWords, renderWord } from "./syntax.ts";

const builtInChains = new Set(["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]);

/**
 * Applies a transaction in one run of iptables-restore, which commits table by table. A transaction that adds to built-in chains or
 * ensures chains leaves out what is there already; removal of what is gone is no error. Throws TsnsError: unsupported `iptables-missing` and `iptables-table`,
 * denied `iptables-denied`, unavailable `iptables-busy`, internal `iptables-failed`.
 */
export function applyRules(transaction: RuleTransaction, options: IptablesOptions = {}): void {
  const { family } = transaction;
  const wanted = settled(transaction, options);
  if (wanted.changes.length === 0) return;
  const outcome = restore(wanted, options);
  if (outcome.status === 0) return;
  if (!wanted.changes.some((change) => change.change === "rule.remove" || change.change === "chain.remove")) throw failed(outcome);
  const possible = withoutMissing(wanted, readRules(family, options));
  if (possible.changes.length === 0) return;
  const second = restore(possible, options);
  if (second.status !== 0) throw failed(second);
}

/** With what is there already, or shared with others, taken into account. */
function settled(transaction: RuleTransaction, options: IptablesOptions): RuleTransaction {
  const { family } = transaction;
  if (hasRelease(transaction)) return withoutReleases(transaction, readRules(family, options));
  return transaction.changes.some(asksForPresent) ? withoutPresent(transaction, readRules(family, options)) : transaction;
}

/** All rules of a family, with counters. Throws as applyRules does, and unsupported `iptables-output`. */
export function readRules(family: IpFamily, options: IptablesOptions = {}): RuleSet {
  const outcome = runIptables(family, "-save", ["-c"], options);
  if (outcome.status !== 0) throw iptablesError(outcome, "list the iptables rules");
  return parseRuleSet(outcome.stdout);
}

/** Whether addresses of a family can be rewritten here: its program and its table nat are there. */
export function canTranslate(family: IpFamily, options: IptablesOptions = {}): boolean {
  try {
    requireIptables(family, options);
    return runIptables(family, "-save", ["-t", "nat"], options).status === 0;
  } catch (error) {
    if (error instanceof TsnsError && error.code === "iptables-missing") return false;
    throw error;
  }
}

/** Writes the lock wait into the command line: the legacy backend would otherwise give up at once. */
function restore(transaction: RuleTransaction, options: IptablesOptions): Outcome {
  return runIptables(transaction.family, "-restore", ["--noflush", "--wait=20"], options, renderTransaction(transaction));
}

function asksForPresent(change: RuleChange): boolean {
  if (change.change === "chain.ensure") return true;
  return (change.change === "rule.append" || change.change === "rule.insert") && builtInChains.has(change.rule.chain);
}

function failed(outcome: Outcome): Error {
  return iptablesError(outcome, "change the iptables rules");
}
