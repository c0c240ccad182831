// Performs steps on iptables rules.
import type { RuleStep } from "../../plan/step/rule.ts";
import { applyRules } from "../iptables/index.ts";
import type { Executors } from "./executor.ts";

export const ruleExecutors: Executors<RuleStep> = {
  "rule.apply": (step) => applyRules(step.transaction),
};
