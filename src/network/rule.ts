// The iptables rules of a network and of its published ports, as values. Only own chains are filled; built-in ones get
// jumps to them. Knows nothing of how rules are applied.
import { TsnsError } from "../base/error.ts";
import type { Rule, RuleChange, RuleTransaction, TableName } from "../plan/rule.ts";
import { bridgePrefix, type NetworkNames } from "./name.ts";
import { anyAddress } from "./port.ts";
import { type NetworkSpec, type PortSpec, poolOf } from "./spec.ts";

/** Start of the comment that every rule of tsns carries. */
export const commentPrefix = "tsns:";

type Target = readonly string[];

function rule(table: TableName, chain: string, owner: string, match: readonly string[], target: Target): Rule {
  return { table, chain, args: [...match, "-m", "comment", "--comment", `${commentPrefix}${owner}`, ...target] };
}

const accept: Target = ["-j", "ACCEPT"];
const drop: Target = ["-j", "DROP"];
const loopback = "127.0.0.0/8";

/** filter: what may pass from and to the bridge. Says nothing of packets that have nothing to do with it. */
function forwardRules({ internal }: NetworkSpec, { bridge, forwardChain, owner }: NetworkNames): Rule[] {
  const make = (match: readonly string[], target: Target) => rule("filter", forwardChain, owner, match, target);
  if (internal) return [make(["-i", bridge, "-o", bridge], accept), make(["-o", bridge], drop), make(["-i", bridge], drop)];
  return [
    make(["-o", bridge, "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"], accept),
    make(["-o", bridge, "-m", "conntrack", "--ctstate", "DNAT"], accept),
    make(["-i", bridge, "-o", bridge], accept),
    // A neighbour that routes to the subnet through this host would otherwise reach ports that are not published, or only on 127.0.0.1.
    make(["-o", bridge], drop),
    // Another network of tsns decides in its own chain what may come in.
    make(["-i", bridge, "-o", `${bridgePrefix}+`], ["-j", "RETURN"]),
    make(["-i", bridge], accept),
  ];
}

/** True for a bridge whose name `-o tsns+` of the other networks does not cover. */
const isForeignName = (bridge: string): boolean => !bridge.startsWith(bridgePrefix);

/**
 * mangle: what may not come in is dropped before the chains of other networks in `filter`, whose order is that of their making, can accept
 * it. Only for bridges with a name of the user's choice.
 */
function isolationRules({ bridge, forwardChain, owner }: NetworkNames): Rule[] {
  if (!isForeignName(bridge)) return [];
  const make = (match: readonly string[], target: Target) => rule("mangle", forwardChain, owner, match, target);
  const pass: Target = ["-j", "RETURN"];
  return [
    make(["-i", bridge], pass),
    make(["-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"], pass),
    make(["-m", "conntrack", "--ctstate", "DNAT"], pass),
    make([], drop),
  ];
}

/** nat: the way out, and the way back to whoever asked by an address of the host. */
function masqueradeRules(spec: NetworkSpec, { bridge, masqueradeChain, owner }: NetworkNames): Rule[] {
  const make = (match: readonly string[]) => rule("nat", masqueradeChain, owner, match, ["-j", "MASQUERADE"]);
  const subnet = poolOf(spec, "ipv4")?.subnet;
  if (spec.internal || subnet === undefined) return [];
  return [
    ...(spec.masquerade === false ? [] : [make(["-s", subnet, "!", "-o", bridge])]),
    // A container that asks for a port published by a neighbour or by itself: the answer has to come back through the host.
    make(["-s", subnet, "-o", bridge, "-m", "conntrack", "--ctstate", "DNAT"]),
    make(["-s", loopback, "-o", bridge]),
  ];
}

/** raw: route_localnet opens 127.0.0.0/8 to packets from the bridge (CVE-2020-8558); this closes it again. */
function guardRules({ guardChain, owner }: NetworkNames): Rule[] {
  return [rule("raw", guardChain, owner, ["-d", loopback], drop), rule("raw", guardChain, owner, ["-s", loopback], drop)];
}

function jumpRules({ bridge, forwardChain, dnatChain, masqueradeChain, guardChain, owner }: NetworkNames): Rule[] {
  const local = ["-m", "addrtype", "--dst-type", "LOCAL"];
  return [
    rule("raw", "PREROUTING", owner, ["-i", bridge], ["-j", guardChain]),
    // A packet from outside to 127.0.0.1 must not meet the rule of a port published there before routing refuses it.
    rule("nat", "PREROUTING", owner, ["!", "-d", loopback, ...local], ["-j", dnatChain]),
    rule("nat", "OUTPUT", owner, local, ["-j", dnatChain]),
    rule("nat", "POSTROUTING", owner, [], ["-j", masqueradeChain]),
    rule("filter", "FORWARD", owner, [], ["-j", forwardChain]),
    ...(isForeignName(bridge) ? [rule("mangle", "FORWARD", owner, ["-o", bridge], ["-j", forwardChain])] : []),
  ];
}

const chainsOf = (names: NetworkNames): readonly (readonly [TableName, string])[] => [
  ["raw", names.guardChain],
  ["nat", names.dnatChain],
  ["nat", names.masqueradeChain],
  ["filter", names.forwardChain],
  ...(isForeignName(names.bridge) ? ([["mangle", names.forwardChain]] as const) : []),
];

/** All rules of a network; it empties chains of the same name first. */
export function networkRules(spec: NetworkSpec, names: NetworkNames): RuleTransaction {
  const changes: RuleChange[] = [
    ...chainsOf(names).map(([table, chain]): RuleChange => ({ change: "chain.create", table, chain })),
    ...[...forwardRules(spec, names), ...isolationRules(names), ...masqueradeRules(spec, names), ...guardRules(names)].map(
      (value): RuleChange => ({ change: "rule.append", rule: value }),
    ),
    ...jumpRules(names).map((value): RuleChange => ({ change: "rule.insert", rule: value })),
  ];
  return { family: "ipv4", changes };
}

/** Takes away all that `networkRules` makes, and what containers left in its chains. */
export function networkRulesRemoval(names: NetworkNames): RuleTransaction {
  const changes: RuleChange[] = [
    ...jumpRules(names).map((value): RuleChange => ({ change: "rule.remove", rule: value })),
    ...chainsOf(names).map(([table, chain]): RuleChange => ({ change: "chain.remove", table, chain })),
  ];
  return { family: "ipv4", changes };
}

/** One rule per published port: the network's own rules do the rest. Throws TsnsError unsupported `ipv6-publish`. */
export function portRules(ports: readonly PortSpec[], address: string, names: NetworkNames, owner: string): readonly Rule[] {
  return ports.map((port) => {
    if (port.hostIp.includes(":")) {
      throw new TsnsError("unsupported", "ipv6-publish", `cannot publish ${port.containerPort}/${port.protocol} on ${port.hostIp}`, {
        hint: "networks of tsns are IPv4: give an IPv4 address of the host",
      });
    }
    const destination = port.hostIp === anyAddress || port.hostIp === "" ? [] : ["-d", `${port.hostIp}/32`];
    const match = [...destination, "-p", port.protocol, "-m", port.protocol, "--dport", `${port.hostPort}`];
    return rule("nat", names.dnatChain, owner, match, ["-j", "DNAT", "--to-destination", `${address}:${port.containerPort}`]);
  });
}

/** Adds or removes rules of a network's chains. */
export function changeRules(change: "rule.append" | "rule.remove", rules: readonly Rule[]): RuleTransaction {
  return { family: "ipv4", changes: rules.map((value) => ({ change, rule: value })) };
}
