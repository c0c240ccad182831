// The chains that all networks of a host share, of every data root, as values: one jump from each built-in chain leads there, and what a
// network puts into them says the same in any order. Knows no network.
import type { IpFamily, Rule, RuleChange, TableName } from "../../plan/rule.ts";
import { loopbackSource } from "../loopback-return.ts";
import { portRelayPrefix } from "../port-relay.ts";

/** Start of the comment that every rule of tsns carries. */
export const commentPrefix = "tsns:";

/** In the comment of what belongs to all networks of the host together. */
const hostLabel = "host";

/** A rule with its owner in a comment. */
export function rule(table: TableName, chain: string, owner: string, match: readonly string[], target: readonly string[]): Rule {
  return { table, chain, args: [...match, "-m", "comment", "--comment", `${commentPrefix}${owner}`, ...target] };
}

/** `user`: the administrator's own, asked before all others; never emptied. The others hold a rule or two of each network. */
export const sharedChain = {
  user: "TSNS-USER",
  /** filter FORWARD: the order in which the following are asked. */
  networks: "TSNS-NETWORKS",
  /** Nothing leaves an internal network, wherever to. */
  internal: "TSNS-INTERNAL",
  /** What may come into a network; decides on all packets to one. */
  into: "TSNS-IN",
  /** What may leave one, for somewhere that is none. */
  out: "TSNS-OUT",
  /** filter INPUT, IPv6: neighbour discovery on bridges. */
  neighbour: "TSNS-NEIGHBOUR",
  /** filter INPUT, IPv6: what comes to monitors that pass on published ports. */
  relay: "TSNS-RELAY",
  /** nat PREROUTING and OUTPUT. */
  ports: "TSNS-PORTS",
  /** nat POSTROUTING. */
  masquerade: "TSNS-MASQUERADE",
  /** raw PREROUTING. */
  loopback: "TSNS-LOOPBACK",
} as const;

export const loopback: Readonly<Record<IpFamily, string>> = { ipv4: "127.0.0.0/8", ipv6: "::1/128" };

/** Bridges of other programs, by the names that these give them: who passes there is for the rules of the host to say. */
const foreignBridges = ["docker+", "br-+", "podman+", "cni-+", "virbr+", "lxcbr+", "lxdbr+", "incusbr+"] as const;

/** Whether a bridge is of another program, by its name. */
export const isForeignBridge = (name: string): boolean => foreignBridges.some((pattern) => name.startsWith(pattern.slice(0, -1)));

const jump = (table: TableName, chain: string, match: readonly string[], to: string): Rule =>
  rule(table, chain, hostLabel, match, ["-j", to]);

/** A group of chains that come and go together. */
interface SharedGroup {
  readonly table: TableName;
  readonly chains: readonly string[];
  /** Those of them that networks put rules into. */
  readonly sets: readonly string[];
  /** The rules of the others, in their order. */
  readonly standing: readonly Rule[];
  /** From built-in chains. */
  readonly jumps: readonly Rule[];
}

function filterGroup(family: IpFamily): SharedGroup {
  const { user, networks, internal, into, out, neighbour, relay } = sharedChain;
  const ask = (to: string) => jump("filter", networks, [], to);
  const sets = [internal, into, out, ...(family === "ipv6" ? [neighbour] : [])];
  return {
    table: "filter",
    chains: [networks, ...(family === "ipv6" ? [relay] : []), ...sets],
    sets,
    standing: [
      ask(user),
      ask(internal),
      // Answers to it have been given back to ::1 before: what is left is forged.
      ...(family === "ipv6" ? [rule("filter", networks, hostLabel, ["-d", `${loopbackSource}/128`], ["-j", "DROP"])] : []),
      ask(into),
      ...foreignBridges.map((name) => rule("filter", networks, hostLabel, ["-o", name], ["-j", "RETURN"])),
      ask(out),
      ...(family === "ipv6" ? relayRules() : []),
    ],
    jumps: [
      jump("filter", "FORWARD", [], networks),
      // A host that takes nothing in by policy would find no container and be found by none.
      ...(family === "ipv6"
        ? [jump("filter", "INPUT", ["-p", "ipv6-icmp"], neighbour), jump("filter", "INPUT", ["-d", portRelayPrefix], relay)]
        : []),
    ],
  };
}

/** Monitors answer whoever asked for a published port, nobody who asks them; the administrator's word and that of internal networks count. */
function relayRules(): readonly Rule[] {
  const { user, internal, relay } = sharedChain;
  return [
    jump("filter", relay, [], user),
    jump("filter", relay, [], internal),
    rule("filter", relay, hostLabel, ["-m", "conntrack", "--ctstate", "DNAT"], ["-j", "ACCEPT"]),
    rule("filter", relay, hostLabel, [], ["-j", "DROP"]),
  ];
}

function natGroup(family: IpFamily): SharedGroup {
  const { ports, masquerade } = sharedChain;
  const local = ["-m", "addrtype", "--dst-type", "LOCAL"];
  // A packet from outside to 127.0.0.1 must not meet the rule of a port published there before routing refuses it.
  const inside = ["!", "-d", loopback[family], ...local];
  return {
    table: "nat",
    chains: [ports, masquerade],
    sets: [ports, masquerade],
    standing: [],
    jumps: [jump("nat", "PREROUTING", inside, ports), jump("nat", "OUTPUT", local, ports), jump("nat", "POSTROUTING", [], masquerade)],
  };
}

const rawGroup: SharedGroup = {
  table: "raw",
  chains: [sharedChain.loopback],
  sets: [sharedChain.loopback],
  standing: [],
  jumps: [jump("raw", "PREROUTING", [], sharedChain.loopback)],
};

const groupsOf = (family: IpFamily): readonly SharedGroup[] => [
  filterGroup(family),
  natGroup(family),
  ...(family === "ipv4" ? [rawGroup] : []),
];

/** The rules in shared chains that are nobody's in particular, and the jumps of built-in chains. */
export const standingRules = (family: IpFamily): readonly Rule[] =>
  groupsOf(family).flatMap(({ standing, jumps }) => [...standing, ...jumps]);

/**
 * Has the shared chains there; what networks have put into them stays. `anew`: the chains whose rules have an order are written again, as
 * one of their rules is missing. Their jumps come first in the built-in chains: a host that refuses all at the end of FORWARD would
 * else cut containers off, and the administrator's own chain is asked before them in any case.
 */
export function shareChains(family: IpFamily, anew = false): readonly RuleChange[] {
  return [
    ensureUser,
    ...groupsOf(family).flatMap(({ table, chains, sets, standing, jumps }): RuleChange[] => [
      ...chains.map((chain): RuleChange => ({ change: anew && !sets.includes(chain) ? "chain.create" : "chain.ensure", table, chain })),
      ...standing.map((value): RuleChange => ({ change: "rule.append", rule: value })),
      ...jumps.map((value): RuleChange => ({ change: "rule.insert", rule: value })),
    ]),
  ];
}

/** Has the administrator's chain there. */
export const ensureUser: RuleChange = { change: "chain.ensure", table: "filter", chain: sharedChain.user };

/** Takes it away when it is empty and nothing leads there. */
export const releaseUser: RuleChange = {
  change: "chain.release",
  table: "filter",
  chains: [sharedChain.user],
  sets: [sharedChain.user],
  jumps: [],
};

/** Takes them away when no network is left in them; the administrator's chain when it is empty as well. */
export function releaseChains(family: IpFamily): readonly RuleChange[] {
  return [
    ...groupsOf(family).map(({ table, chains, sets, jumps }): RuleChange => ({ change: "chain.release", table, chains, sets, jumps })),
    releaseUser,
  ];
}
