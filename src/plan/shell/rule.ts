// The shell commands for steps on iptables rules, with the same effect as the wrapper's: what is there is not added twice where
// the wrapper looks, what is gone is no error.
import type { ChainRelease, RuleChange, RuleTransaction } from "../rule.ts";
import type { RuleStep } from "../step/rule.ts";
import { type Renderers, words } from "./word.ts";

export const ruleShell: Renderers<RuleStep> = {
  "rule.apply": (step) => shellOfRules(step.transaction),
};

const builtInChains = new Set(["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]);

const isAddition = (change: RuleChange) => change.change === "rule.append" || change.change === "rule.insert";

function shellOfRules(transaction: RuleTransaction): string {
  const command = transaction.family === "ipv4" ? "iptables" : "ip6tables";
  const { changes } = transaction;
  const looks = changes.some((change) => change.change === "chain.ensure" || (isAddition(change) && builtInChains.has(change.rule.chain)));
  const emptied = new Set(changes.flatMap((change) => (change.change === "chain.create" ? [`${change.table} ${change.chain}`] : [])));
  // Chains go last: one that a rule leads to cannot be removed; those that are shared after the ones that lead there.
  const isLate = ({ change }: RuleChange) => change === "chain.remove" || change === "chain.release";
  const removals = changes.filter(isLate);
  const others = changes.filter((change) => !isLate(change));
  return [...others, ...removals]
    .map((change) => {
      const checked = looks && isAddition(change) && !emptied.has(`${change.rule.table} ${change.rule.chain}`);
      return shellOfChange([command, "-w"], change, checked);
    })
    .join("\n");
}

function shellOfChange(command: readonly string[], change: RuleChange, checked: boolean): string {
  if (change.change === "chain.release") return shellOfRelease(command, change);
  const table = "rule" in change ? change.rule.table : change.table;
  const run = (flag: string, ...args: readonly string[]) => words(...command, "-t", table, flag, ...args);
  switch (change.change) {
    case "chain.create":
      return `${run("-N", change.chain)} 2>/dev/null || ${run("-F", change.chain)}`;
    case "chain.ensure":
      return `${run("-N", change.chain)} 2>/dev/null || :`;
    case "chain.remove":
      return `${run("-F", change.chain)} 2>/dev/null && ${run("-X", change.chain)} || :`;
    case "rule.append":
    case "rule.insert": {
      const add = run(change.change === "rule.append" ? "-A" : "-I", change.rule.chain, ...change.rule.args);
      return checked ? `${run("-C", change.rule.chain, ...change.rule.args)} 2>/dev/null || ${add}` : add;
    }
    case "rule.remove":
      return `${run("-D", change.rule.chain, ...change.rule.args)} 2>/dev/null || :`;
  }
}

function shellOfRelease(command: readonly string[], { table, chains, sets, jumps }: ChainRelease): string {
  const run = (flag: string, ...args: readonly string[]) => words(...command, "-t", table, flag, ...args);
  const held = sets.map((chain) => run("-S", chain)).join("; ");
  const gone = [
    ...jumps.map(({ table: at, chain, args }) => words(...command, "-t", at, "-D", chain, ...args)),
    ...["-F", "-X"].flatMap((flag) => chains.map((chain) => run(flag, chain))),
  ];
  return `{ ${held}; } 2>/dev/null | grep -q '^-A' || { ${gone.join("; ")}; } 2>/dev/null || :`;
}
