// What should be in the kernel for a network, its running containers and the rules of `net nat` and `net forward`, compared with what
// is; and the plan that puts it back. Pure: what was observed is given.
import type { PlannedStep } from "../../plan/plan.ts";
import type { IpFamily, Rule, RuleChange } from "../../plan/rule.ts";
import type { Step } from "../../plan/step.ts";
import { namesOfBridge } from "../name.ts";
import { planParent } from "../parent-plan.ts";
import { planNetwork, trustBridge } from "../plan.ts";
import { relayChange, relayRelease } from "../port-relay.ts";
import { familiesOf, networkRules, portRules, rulesOfNetwork } from "../rule.ts";
import type { Endpoint, NetworkSpec } from "../spec.ts";
import { additionOf, expectedRules, type NumberedRule, type OwnChains } from "./own.ts";
import { standingRules } from "./shared.ts";

/** A running container of a network. */
export interface Member {
  readonly id: string;
  readonly name: string;
  readonly endpoint: Endpoint;
  /** State directory of its monitor. */
  readonly directory: string;
}

export interface ObservedLink {
  readonly up: boolean;
  /** Name of the bridge it is a port of. */
  readonly master?: string;
  /** With prefix lengths. */
  readonly addresses: readonly string[];
}

export interface Observed {
  has(family: IpFamily, rule: Rule): boolean;
  link(name: string): ObservedLink | undefined;
  /** Value of a setting below /proc/sys; undefined when there is none of that name. */
  setting(key: string): string | undefined;
  /** By firewalld; true as well where it does not run. */
  isTrusted(link: string): boolean;
}

export interface Drift {
  /** "network bridge", "container web", "forward 3". */
  readonly object: string;
  readonly kind: "rule" | "link" | "address" | "setting" | "record";
  /** What is not as tsns made it. */
  readonly what: string;
  /** Empty when nothing but a new start of the container helps. */
  readonly hint: string;
}

export interface Finding {
  readonly drifts: readonly Drift[];
  /** Puts it back, as far as that can be done. */
  readonly repair: readonly PlannedStep[];
}

const ruleText = ({ table, chain, args }: Rule): string => `-t ${table} -A ${chain} ${args.join(" ")}`;

function missingRules(rules: readonly Rule[], observed: Observed, family: IpFamily): readonly Rule[] {
  return rules.filter((rule) => !observed.has(family, rule));
}

const lost = (object: string, rules: readonly Rule[]): Drift[] =>
  rules.map((rule) => ({ object, kind: "rule", what: `the rule is missing: ${ruleText(rule)}`, hint: "" }));

/** A setting of the kernel and the value it is to have. */
type Setting = readonly [key: string, value: string];

function settings(object: string, wanted: readonly Setting[], observed: Observed): Finding {
  const wrong = wanted.filter(([key, value]) => (observed.setting(key) ?? value) !== value);
  return {
    drifts: wrong.map(([key, value]) => ({ object, kind: "setting", what: `${key} is ${observed.setting(key)}, not ${value}`, hint: "" })),
    repair: wrong.map(([key, value]) => ({ step: { kind: "sysctl.write", key, value }, because: `${object} needs it` })),
  };
}

/** Bridge, address, rules and settings of a network that was set up in this boot, with the ports of its running containers. */
export function findNetworkDrift(spec: NetworkSpec, members: readonly Member[], observed: Observed): Finding {
  const object = `network ${spec.name}`;
  if (spec.parent) return findParentDrift(object, spec, observed);
  const made = planNetwork(spec, namesOfBridge(spec.bridge), { ipForward: false, ipv6Forward: false }).steps;
  const links = findBridgeDrift(object, spec, made, observed);
  const wanted = made.flatMap(({ step }): Setting[] => (step.kind === "sysctl.write" ? [[step.key, step.value]] : []));
  // The settings of a bridge go with it.
  const isGone = observed.link(spec.bridge) === undefined;
  const fresh = (key: string) => isGone && key.includes(`.${spec.bridge}.`);
  const system = settings(object, wanted, { ...observed, setting: (key) => (fresh(key) ? "unset" : observed.setting(key)) });
  const rules = familiesOf(spec).map((family) => findNetworkRules(object, spec, members, family, observed));
  const ports = members.map((member) => findPortDrift(member, spec, observed));
  const relays = members.map((member) => findRelayDrift(member, spec, observed));
  const parts = [links, findTrust(object, spec, observed), system, ...relays, ...rules, ...ports];
  return { drifts: parts.flatMap(({ drifts }) => drifts), repair: parts.flatMap(({ repair }) => repair) };
}

/** firewalld knows links by name, and forgets those it was told of when it starts anew. */
function findTrust(object: string, { bridge }: NetworkSpec, observed: Observed): Finding {
  if (observed.isTrusted(bridge)) return { drifts: [], repair: [] };
  const what = `firewalld refuses its packets: bridge ${bridge} is not in the zone trusted`;
  return { drifts: [{ object, kind: "rule", what, hint: "" }], repair: [trustBridge(bridge)] };
}

/** Of macvlan and ipvlan: only a parent that was made for the network is tsns's to look after. */
function findParentDrift(object: string, spec: NetworkSpec, observed: Observed): Finding {
  const { steps } = planParent(spec);
  const parent = observed.link(spec.bridge);
  if (steps.length === 0 || parent?.up) return { drifts: [], repair: [] };
  const what = `its parent ${spec.bridge} is ${parent ? "down" : "gone"}`;
  return {
    drifts: [{ object, kind: "link", what, hint: "" }],
    repair: parent ? steps.filter(({ step }) => step.kind === "link.up") : steps,
  };
}

/** `made`: the steps that made the network. */
function findBridgeDrift(object: string, spec: NetworkSpec, made: readonly PlannedStep[], observed: Observed): Finding {
  const bridge = observed.link(spec.bridge);
  const again = (...kinds: readonly Step["kind"][]) => made.filter(({ step }) => kinds.includes(step.kind));
  if (!bridge) {
    const what = `bridge ${spec.bridge} is gone`;
    return { drifts: [{ object, kind: "link", what, hint: "" }], repair: again("bridge.add", "link.set", "address.add", "link.up") };
  }
  const lostAddresses = again("address.add").filter(({ step }) => step.kind === "address.add" && !bridge.addresses.includes(step.address));
  const drifts = lostAddresses.map(({ step }): Drift => {
    const address = step.kind === "address.add" ? step.address : "";
    return { object, kind: "address", what: `bridge ${spec.bridge} has no address ${address}`, hint: "" };
  });
  if (bridge.up) return { drifts, repair: lostAddresses };
  const down: Drift = { object, kind: "link", what: `bridge ${spec.bridge} is down`, hint: "" };
  return { drifts: [...drifts, down], repair: [...lostAddresses, ...again("link.up")] };
}

/** The rules of one family. */
function findNetworkRules(object: string, spec: NetworkSpec, members: readonly Member[], family: IpFamily, observed: Observed): Finding {
  const names = namesOfBridge(spec.bridge);
  const place = (endpoint: Endpoint) => ({ endpoint, ...(spec.gatewayMode ? { gatewayMode: spec.gatewayMode } : {}) });
  const published = members.flatMap(({ id, name, endpoint }) =>
    portRules(endpoint.ports, place(endpoint), names, id.slice(0, 12), family).map((rule) => ({ name, rule })),
  );
  const own = rulesOfNetwork(spec, names, family);
  const [noShared, noOwn] = [missingRules(standingRules(family), observed, family), missingRules(own, observed, family)];
  const noPort = published.filter(({ rule }) => !observed.has(family, rule));
  if (noShared.length + noOwn.length + noPort.length === 0) return { drifts: [], repair: [] };
  const add = (rule: Rule): RuleChange => ({ change: "rule.append", rule });
  // In its chains a network's rules have an order: when one of them is gone, all are written again. A jump that is gone may have
  // taken the chain along that it led to.
  const changes: readonly RuleChange[] =
    noShared.length + noOwn.length > 0
      ? [...networkRules(spec, names, family, noShared.length > 0).changes, ...published.map(({ rule }) => add(rule))]
      : noPort.map(({ rule }) => add(rule));
  return {
    drifts: [...lost(object, [...noShared, ...noOwn]), ...noPort.flatMap(({ name, rule }) => lost(`container ${name}`, [rule]))],
    repair: [
      {
        step: { kind: "rule.apply", transaction: { family, changes } },
        because: `the rules of ${object} and of its published ports`,
      },
    ],
  };
}

/** What its monitor passes on, where the address that leads there is gone or a rule is: a command that was killed may not have told it. */
function findRelayDrift({ name, endpoint, directory, id }: Member, spec: NetworkSpec, observed: Observed): Finding {
  const object = `container ${name}`;
  const release = relayRelease(endpoint, endpoint.ports);
  const operation = relayChange(endpoint, [], endpoint.ports);
  if (!release || !operation) return { drifts: [], repair: [] };
  const { link, address } = release;
  const isLost = !observed.link(link)?.addresses.includes(address);
  const rules = portRules(endpoint.ports, { endpoint }, namesOfBridge(spec.bridge), id.slice(0, 12), "ipv6");
  if (!isLost && rules.every((rule) => observed.has("ipv6", rule))) return { drifts: [], repair: [] };
  const because = "its monitor passes on what comes to published ports by IPv6";
  const what = `${link} has no address ${address}, at which its monitor waits for what comes to published ports by IPv6`;
  return {
    drifts: isLost ? [{ object, kind: "address", what, hint: "" }] : [],
    repair: [
      { step: { kind: "ports.relay", directory, operation }, because },
      ...(isLost ? [{ step: { kind: "address.add", link, address, withoutDetection: true }, because } as const] : []),
    ],
  };
}

/** The host's end of a container's veth pair. */
function findPortDrift({ name, endpoint }: Member, spec: NetworkSpec, observed: Observed): Finding {
  const object = `container ${name}`;
  const link = observed.link(endpoint.hostLink);
  if (!link) {
    const what = `its link ${endpoint.hostLink} is gone: it has no network`;
    return { drifts: [{ object, kind: "link", what, hint: `start it anew: tsns stop ${name} && tsns start ${name}` }], repair: [] };
  }
  const drifts: Drift[] = [];
  const repair: PlannedStep[] = [];
  if (link.master !== spec.bridge || !observed.link(spec.bridge)) {
    const what = `its link ${endpoint.hostLink} is not at bridge ${spec.bridge}`;
    drifts.push({ object, kind: "link", what, hint: "" });
    repair.push({ step: { kind: "link.set", name: endpoint.hostLink, change: { master: spec.bridge } }, because: what });
    if (endpoint.ports.length > 0) {
      const because = "a container that asks for its own published port gets its frame back at the same port of the bridge";
      repair.push({ step: { kind: "port.set", name: endpoint.hostLink, option: "hairpin", value: 1 }, because });
    }
  }
  if (!link.up) {
    const what = `its link ${endpoint.hostLink} is down`;
    drifts.push({ object, kind: "link", what, hint: "" });
    repair.push({ step: { kind: "link.up", name: endpoint.hostLink }, because: what });
  }
  return { drifts, repair };
}

/** Rules and settings of one nat or forward. `keys`: the settings it needs. */
export function findRuleDrift(numbered: NumberedRule, chains: OwnChains, keys: readonly string[], observed: Observed): Finding {
  const object = `${numbered.rule.kind} ${numbered.number}`;
  const { family } = numbered.rule.spec;
  const missing = missingRules(expectedRules(numbered, chains), observed, family);
  const wanted = keys.map((key): Setting => [key, "1"]);
  const system = settings(object, wanted, observed);
  return {
    drifts: [...lost(object, missing), ...system.drifts],
    repair: [
      ...(missing.length > 0
        ? [{ step: { kind: "rule.apply", transaction: additionOf(numbered, chains) }, because: `the rules of ${object}` } as const]
        : []),
      ...system.repair,
    ],
  };
}
