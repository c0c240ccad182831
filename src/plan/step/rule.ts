// Steps on iptables rules. Values only.
import type { RuleTransaction } from "../rule.ts";

/** One atomic iptables-restore run. */
export interface RuleApply {
  readonly kind: "rule.apply";
  readonly transaction: RuleTransaction;
}

export type RuleStep = RuleApply;
