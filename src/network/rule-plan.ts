// The steps that put the rules of a network and of published ports in place, and take them away. What the rules are is in rule.ts. Pure.
import type { PlannedStep } from "../plan/plan.ts";
import type { NetworkNames } from "./name.ts";
import { changeRules, networkRules, networkRulesRemoval, portRules } from "./rule.ts";
import type { Endpoint, NetworkSpec } from "./spec.ts";

/** All rules of a network. */
export function networkRuleSteps(spec: NetworkSpec, names: NetworkNames): readonly PlannedStep[] {
  return [
    {
      step: { kind: "rule.apply", transaction: networkRules(spec, names) },
      because: "masquerade what leaves, let answers and published ports in, and nothing else",
      undo: { kind: "rule.apply", transaction: networkRulesRemoval(names) },
    },
  ];
}

/** Rules only where ports are published. Throws TsnsError unsupported `ipv6-publish`. */
export function portRuleSteps(endpoint: Endpoint, names: NetworkNames, owner: string): readonly PlannedStep[] {
  if (endpoint.ports.length === 0) return [];
  const rules = portRules(endpoint.ports, endpoint.ipv4?.address ?? "", names, owner);
  return [
    {
      step: { kind: "rule.apply", transaction: changeRules("rule.append", rules) },
      because: "packets to the published ports go to the container",
      undo: { kind: "rule.apply", transaction: changeRules("rule.remove", rules) },
    },
  ];
}
