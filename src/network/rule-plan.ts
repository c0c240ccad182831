// The steps that put the rules of a network and of published ports in place, and take them away. What the rules are is in rule.ts. Pure.
import type { PlannedStep } from "../plan/plan.ts";
import type { NetworkNames } from "./name.ts";
import { changePorts, familiesOf, networkRules, networkRulesRemoval } from "./rule.ts";
import type { Endpoint, NetworkSpec } from "./spec.ts";

/** All rules of a network, a step for each family it has. */
export function networkRuleSteps(spec: NetworkSpec, names: NetworkNames): readonly PlannedStep[] {
  return familiesOf(spec).map((family) => ({
    step: { kind: "rule.apply", transaction: networkRules(spec, names, family) },
    because: "masquerade what leaves, let answers and published ports in, and nothing else",
    undo: { kind: "rule.apply", transaction: networkRulesRemoval(spec, names, family) },
  }));
}

/** Rules only where ports are published, a step for each family. `gatewayMode`: of the network. */
export function portRuleSteps(
  endpoint: Endpoint,
  names: NetworkNames,
  owner: string,
  gatewayMode?: NetworkSpec["gatewayMode"],
): readonly PlannedStep[] {
  if (endpoint.ports.length === 0) return [];
  const place = { endpoint, ...(gatewayMode ? { gatewayMode } : {}) };
  const removal = changePorts(endpoint.ports, [], place, names, owner);
  return changePorts([], endpoint.ports, place, names, owner).map((transaction): PlannedStep => {
    const undo = removal.find(({ family }) => family === transaction.family);
    return {
      step: { kind: "rule.apply", transaction },
      because: "packets to the published ports go to the container",
      ...(undo ? { undo: { kind: "rule.apply", transaction: undo } } : {}),
    };
  });
}
