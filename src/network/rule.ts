// The iptables rules of a network, as values, of both families. Only own chains are filled; what all networks share is in rule/shared.ts, published
// ports are in rule/port.ts. Knows nothing of how rules are applied.
import type { IpFamily, Rule, RuleChange, RuleTransaction, TableName } from "../plan/rule.ts";
import { families, familyOfText } from "./ip.ts";
import { loopbackSource } from "./loopback-return.ts";
import type { NetworkNames } from "./name.ts";
import { loopback, releaseChains, rule, shareChains, sharedChain } from "./rule/shared.ts";
import type { GatewayMode, NetworkSpec } from "./spec.ts";

export { changePorts, type PublishedPlace, portRules } from "./rule/port.ts";
export { commentPrefix } from "./rule/shared.ts";

type Target = readonly string[];

const accept: Target = ["-j", "ACCEPT"];
const drop: Target = ["-j", "DROP"];
const state = (states: string): readonly string[] => ["-m", "conntrack", "--ctstate", states];

const hasFamily = ({ pools }: NetworkSpec, family: IpFamily): boolean => pools.some(({ subnet }) => familyOfText(subnet) === family);

/** The families a network has rules of: those it has addresses of, and IPv6 where ports are published to monitors (port-relay.ts). */
export const familiesOf = (spec: NetworkSpec): readonly IpFamily[] =>
  families.filter((family) => hasFamily(spec, family) || (family === "ipv6" && spec.ipv6Relay === true));

/** How packets of a family leave the network. */
export const modeOf = ({ gatewayMode }: NetworkSpec, family: IpFamily): GatewayMode => gatewayMode?.[family] ?? "nat";

const isClosed = (spec: NetworkSpec, family: IpFamily): boolean => spec.internal === true || modeOf(spec, family) === "isolated";

/** filter: what may come to the bridge, and from it. Every packet to it is decided here, whoever else would accept it. */
function forwardRules(spec: NetworkSpec, { bridge, forwardChain, portChain, owner }: NetworkNames, family: IpFamily): readonly Rule[] {
  const make = (chain: string, match: readonly string[], target: Target) => rule("filter", chain, owner, match, target);
  const into = (match: readonly string[], target: Target) => make(forwardChain, match, target);
  const lead = make(sharedChain.into, ["-o", bridge], ["-j", forwardChain]);
  const among = into(["-i", bridge], spec.icc === false ? drop : accept);
  const end = into([], drop);
  if (isClosed(spec, family)) {
    return [among, end, lead, make(sharedChain.internal, ["-i", bridge, "!", "-o", bridge], drop)];
  }
  return [
    into(state("RELATED,ESTABLISHED"), accept),
    into(state("DNAT"), accept),
    ...(modeOf(spec, family) === "routed" ? [into([], ["-j", portChain])] : []),
    among,
    // A neighbour that routes to the subnet through this host would otherwise reach ports that are not published, or only on 127.0.0.1.
    end,
    lead,
    make(sharedChain.out, ["-i", bridge], accept),
  ];
}

/** nat: the way out, and the way back to whoever asked by an address of the host. */
function masqueradeRules(spec: NetworkSpec, { bridge, masqueradeChain, owner }: NetworkNames, family: IpFamily): readonly Rule[] {
  const make = (match: readonly string[], target: Target) => rule("nat", masqueradeChain, owner, match, target);
  const masquerade: Target = ["-j", "MASQUERADE"];
  if (isClosed(spec, family)) return [];
  const source = spec.sourceAddress?.[family];
  const leave: Target = source === undefined ? masquerade : ["-j", "SNAT", "--to-source", source];
  const keeps = spec.masquerade === false || modeOf(spec, family) === "routed";
  const subnets = spec.pools.map(({ subnet }) => subnet).filter((subnet) => familyOfText(subnet) === family);
  return [
    ...subnets.flatMap((subnet) => [
      ...(keeps ? [] : [make(["-s", subnet, "!", "-o", bridge], leave)]),
      // A container that asks for a port published by a neighbour or by itself: the answer has to come back through the host.
      make(["-s", subnet, "-o", bridge, ...state("DNAT")], masquerade),
    ]),
    // loopback-return.ts brings the answers back to ::1.
    make(["-s", loopback[family], "-o", bridge], family === "ipv4" ? masquerade : ["-j", "SNAT", "--to-source", loopbackSource]),
  ];
}

/** raw: route_localnet opens 127.0.0.0/8 to packets from the bridge (CVE-2020-8558); this closes it again. */
function guardRules({ bridge, guardChain, owner }: NetworkNames, family: IpFamily): readonly Rule[] {
  if (family === "ipv6") return [];
  return [
    rule("raw", guardChain, owner, ["-d", loopback.ipv4], drop),
    rule("raw", guardChain, owner, ["-s", loopback.ipv4], drop),
    rule("raw", sharedChain.loopback, owner, ["-i", bridge], ["-j", guardChain]),
  ];
}

/** Types 135 and 136 of RFC 4861: nothing is reached without them. */
function neighbourRules({ bridge, owner }: NetworkNames, family: IpFamily): readonly Rule[] {
  if (family === "ipv4") return [];
  return ["135", "136"].map((type) =>
    rule("filter", sharedChain.neighbour, owner, ["-i", bridge, "-p", "ipv6-icmp", "-m", "icmp6", "--icmpv6-type", type], accept),
  );
}

const portJump = ({ dnatChain, owner }: NetworkNames): Rule => rule("nat", sharedChain.ports, owner, [], ["-j", dnatChain]);

function natJumps(names: NetworkNames): readonly Rule[] {
  const { masqueradeChain, owner } = names;
  return [portJump(names), rule("nat", sharedChain.masquerade, owner, [], ["-j", masqueradeChain])];
}

/** Every rule of the network in one family, in its own chains and in those that networks share. */
export function rulesOfNetwork(spec: NetworkSpec, names: NetworkNames, family: IpFamily): readonly Rule[] {
  // What is published comes to the host itself, nothing goes through it.
  if (!hasFamily(spec, family)) return [portJump(names)];
  return [
    ...forwardRules(spec, names, family),
    ...neighbourRules(names, family),
    ...masqueradeRules(spec, names, family),
    ...guardRules(names, family),
    ...natJumps(names),
  ];
}

function chainsOf(spec: NetworkSpec, names: NetworkNames, family: IpFamily): readonly (readonly [TableName, string])[] {
  if (!hasFamily(spec, family)) return [["nat", names.dnatChain]];
  return [
    ...(family === "ipv4" ? ([["raw", names.guardChain]] as const) : []),
    ["nat", names.dnatChain],
    ["nat", names.masqueradeChain],
    ["filter", names.forwardChain],
    ...(modeOf(spec, family) === "routed" ? ([["filter", names.portChain]] as const) : []),
  ];
}

/** All rules of a network in one family; it empties chains of the same name first. `anew`: as shareChains. */
export function networkRules(spec: NetworkSpec, names: NetworkNames, family: IpFamily = "ipv4", anew = false): RuleTransaction {
  const changes: RuleChange[] = [
    ...shareChains(family, anew),
    ...chainsOf(spec, names, family).map(([table, chain]): RuleChange => ({ change: "chain.create", table, chain })),
    ...rulesOfNetwork(spec, names, family).map((value): RuleChange => ({ change: "rule.append", rule: value })),
  ];
  return { family, changes };
}

/** Takes away all that `networkRules` makes, and what containers left in its chains. */
export function networkRulesRemoval(spec: NetworkSpec, names: NetworkNames, family: IpFamily = "ipv4"): RuleTransaction {
  const own = chainsOf(spec, names, family);
  const shared = rulesOfNetwork(spec, names, family).filter((value) => !own.some(([, chain]) => chain === value.chain));
  const changes: RuleChange[] = [
    ...shared.map((value): RuleChange => ({ change: "rule.remove", rule: value })),
    ...own.map(([table, chain]): RuleChange => ({ change: "chain.remove", table, chain })),
    ...releaseChains(family),
  ];
  return { family, changes };
}
