// The shell commands for steps on iptables rules.
import type { RuleChange, RuleTransaction } from "../rule.ts";
import type { RuleStep } from "../step/rule.ts";
import { type Renderers, words } from "./word.ts";

export const ruleShell: Renderers<RuleStep> = {
  "rule.apply": (step) => shellOfRules(step.transaction),
};

function shellOfRules(transaction: RuleTransaction): string {
  const command = transaction.family === "ipv4" ? "iptables" : "ip6tables";
  return transaction.changes.map((change) => words(command, "-w", ...argumentsOf(change))).join("\n");
}

function argumentsOf(change: RuleChange): string[] {
  switch (change.change) {
    case "chain.create":
      return ["-t", change.table, "-N", change.chain];
    case "chain.remove":
      return ["-t", change.table, "-X", change.chain];
    case "rule.append":
      return ["-t", change.rule.table, "-A", change.rule.chain, ...change.rule.args];
    case "rule.insert":
      return ["-t", change.rule.table, "-I", change.rule.chain, ...change.rule.args];
    case "rule.remove":
      return ["-t", change.rule.table, "-D", change.rule.chain, ...change.rule.args];
  }
}
