// The steps that put the rules of a network and of published ports in place, and take them away. What the rules are is in rule.ts. Pure.
import type { PlannedStep } from "../plan/plan.ts";
import type { Step } from "../plan/step.ts";
import type { NetworkNames } from "./name.ts";
import { relayAddressOf } from "./port-relay.ts";
import { portSpans } from "./rule/port.ts";
import { changePorts, familiesOf, networkRules, networkRulesRemoval } from "./rule.ts";
import type { Endpoint, NetworkSpec, PortSpec, Protocol } from "./spec.ts";

/** All rules of a network, a step for each family it has. */
export function networkRuleSteps(spec: NetworkSpec, names: NetworkNames): readonly PlannedStep[] {
  return familiesOf(spec).map((family) => ({
    step: { kind: "rule.apply", transaction: networkRules(spec, names, family) },
    because: "masquerade what leaves, let answers and published ports in, and nothing else",
    undo: { kind: "rule.apply", transaction: networkRulesRemoval(spec, names, family) },
  }));
}

/** Numbers of protocols whose connections nobody ends: the kernel goes on with one as long as packets come. */
const endless: Readonly<Partial<Record<Protocol, number>>> = { udp: 17 };

/** Has packets of running conversations ask the rules anew, when ports have come or gone. */
export function flushSteps(place: Pick<Endpoint, "ipv4" | "ipv6">, ports: readonly PortSpec[]): readonly PlannedStep[] {
  const addresses = [place.ipv4?.address, place.ipv6?.address, relayAddressOf(place)].filter((address) => address !== undefined);
  return (Object.keys(endless) as Protocol[]).flatMap((name) => {
    const own = ports.filter((port) => port.protocol === name);
    return own.length === 0 ? [] : flushSpans(name, portSpans(own), addresses);
  });
}

/** The same of ports of one protocol; nothing where connections end by themselves. `addresses`: of who answers. */
export function flushSpans(
  name: Protocol,
  ports: readonly (readonly [number, number])[],
  addresses: readonly string[],
): readonly PlannedStep[] {
  const protocol = endless[name];
  if (protocol === undefined) return [];
  const step: Step = { kind: "flow.flush", protocol, ports, addresses };
  return [{ step, because: "who has sent packets to these ports before is not led to where they led then" }];
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
  const rules = changePorts([], endpoint.ports, place, names, owner).map((transaction): PlannedStep => {
    const undo = removal.find(({ family }) => family === transaction.family);
    return {
      step: { kind: "rule.apply", transaction },
      because: "packets to the published ports go to the container",
      ...(undo ? { undo: { kind: "rule.apply", transaction: undo } } : {}),
    };
  });
  // Once after the rules are there, and at the end after they are gone: the first step is undone last.
  const flush = flushSteps(endpoint, endpoint.ports);
  return [...flush.map((planned) => ({ ...planned, undo: planned.step })), ...rules, ...flush];
}
