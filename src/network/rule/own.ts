// The rules that `net nat` and `net forward` make, as values: own chains per data root, a comment on each rule with its number.
// Pure; what is known of the host (the link a target is behind) is in the record.
import type { IpFamily, Rule, RuleChange, RuleTransaction, TableName } from "../../plan/rule.ts";
import { bracketed } from "../ip.ts";
import { bridgePrefix, shortHash, standardRoot } from "../name.ts";
import type { ForwardSpec } from "./forward-spec.ts";
import type { NatSpec } from "./nat-spec.ts";
import { commentPrefix, ensureUser, releaseUser, sharedChain } from "./shared.ts";
import type { PortRange } from "./target.ts";

/** How a target is reached from this host, when the forward was made. */
export interface TargetPlace {
  /** Absent: the target is an address of this host. */
  readonly link?: string;
  /** The subnet that lies directly behind the link; absent behind a gateway. */
  readonly subnet?: string;
}

export type OwnRule =
  | { readonly kind: "nat"; readonly spec: NatSpec }
  | { readonly kind: "forward"; readonly spec: ForwardSpec; readonly place: TargetPlace };

export interface NumberedRule {
  readonly number: number;
  readonly rule: OwnRule;
}

/** Chains of a data root, at most 28 characters (the legacy backend's limit). */
export interface OwnChains {
  readonly dnat: string;
  readonly nat: string;
  readonly allow: string;
  readonly guard: string;
}

export function ownChains(root: string): OwnChains {
  const tag = root === standardRoot ? "0" : shortHash(root, 10);
  return { dnat: `TSNS-FORWARD-${tag}`, nat: `TSNS-NAT-${tag}`, allow: `TSNS-ALLOW-${tag}`, guard: `TSNS-GUARD-${tag}` };
}

type Words = readonly string[];
const loopback = "127.0.0.0/8";
const local: Words = ["-m", "addrtype", "--dst-type", "LOCAL"];
const state = (states: string): Words => ["-m", "conntrack", "--ctstate", states];

/** Name in comments: "forward:3". */
export const labelOf = ({ number, rule }: NumberedRule): string => `${rule.kind}:${number}`;

function make(table: TableName, chain: string, label: string, match: Words, target: Words): Rule {
  return { table, chain, args: [...match, "-m", "comment", "--comment", `${commentPrefix}${label}`, ...target] };
}

/** Comment of the jumps to own chains, which belong to all rules of a data root together. */
const sharedLabel = "host";

function jumps(family: IpFamily, chains: OwnChains): readonly Rule[] {
  const jump = (table: TableName, chain: string, match: Words, to: string) => make(table, chain, sharedLabel, match, ["-j", to]);
  return [
    // A packet from outside to 127.0.0.1 must not meet a forward before routing refuses it.
    jump("nat", "PREROUTING", [...(family === "ipv4" ? ["!", "-d", loopback] : []), ...local], chains.dnat),
    jump("nat", "OUTPUT", local, chains.dnat),
    jump("nat", "POSTROUTING", [], chains.nat),
    jump("filter", "FORWARD", [], chains.allow),
    ...(family === "ipv4" ? [jump("raw", "PREROUTING", [], chains.guard)] : []),
  ];
}

/** The administrator's chain is asked before what others are let in by. */
const askUser = (chains: OwnChains): Rule => make("filter", chains.allow, sharedLabel, [], ["-j", sharedChain.user]);

const chainList = (family: IpFamily, chains: OwnChains): readonly (readonly [TableName, string])[] => [
  ["nat", chains.dnat],
  ["nat", chains.nat],
  ["filter", chains.allow],
  ...(family === "ipv4" ? ([["raw", chains.guard]] as const) : []),
];

function natRules(spec: NatSpec, label: string, chains: OwnChains): readonly Rule[] {
  const { subnet, out, to } = spec;
  const leaving = out === undefined ? ["!", "-d", subnet] : ["-o", out];
  const target = to === undefined ? ["-j", "MASQUERADE"] : ["-j", "SNAT", "--to-source", to];
  return [
    make("nat", chains.nat, label, ["-s", subnet, ...leaving], target),
    make("filter", chains.allow, label, ["-s", subnet, ...leaving], ["-j", "ACCEPT"]),
    make(
      "filter",
      chains.allow,
      label,
      ["-d", subnet, ...(out === undefined ? [] : ["-i", out]), ...state("RELATED,ESTABLISHED")],
      ["-j", "ACCEPT"],
    ),
  ];
}

const matchPorts = ([from, to]: PortRange): string => (from === to ? `${from}` : `${from}:${to}`);

/** Which of the host's ports lead where: one rule for a range where one can say it. The kernel would choose freely from a target range. */
function translations({ hostPorts, targetIp, targetPorts }: ForwardSpec): readonly (readonly [string, string])[] {
  const address = bracketed(targetIp);
  if (targetPorts[0] === targetPorts[1]) return [[matchPorts(hostPorts), `${address}:${targetPorts[0]}`]];
  if (targetPorts[0] === hostPorts[0]) return [[matchPorts(hostPorts), targetIp]];
  return Array.from(
    { length: hostPorts[1] - hostPorts[0] + 1 },
    (_, at) => [`${hostPorts[0] + at}`, `${address}:${targetPorts[0] + at}`] as const,
  );
}

/** Bridges of tsns let their host in by 127.0.0.1 already and close it to their containers. */
export const needsGuard = (link: string | undefined): link is string => link !== undefined && !link.startsWith(bridgePrefix);

/** Whether 127.0.0.1 of this host is to lead to the target. */
export const isOnLoopback = ({ family, hostIp }: ForwardSpec): boolean =>
  family === "ipv4" && (hostIp === undefined || hostIp.startsWith("127."));

function forwardRules(spec: ForwardSpec, place: TargetPlace, label: string, chains: OwnChains): readonly Rule[] {
  const { protocol, targetIp, targetPorts, hostIp } = spec;
  const dnat = translations(spec).map(([ports, to]) => {
    const match = [...(hostIp === undefined ? [] : ["-d", hostIp]), "-p", protocol, "-m", protocol, "--dport", ports];
    return make("nat", chains.dnat, label, match, ["-j", "DNAT", "--to-destination", to]);
  });
  if (place.link === undefined) return dnat;
  const service = ["-d", targetIp, "-p", protocol, "-m", protocol, "--dport", matchPorts(targetPorts)];
  const masquerade = (match: Words) => make("nat", chains.nat, label, match, ["-j", "MASQUERADE"]);
  const onLoopback = isOnLoopback(spec);
  return [
    ...dnat,
    ...(onLoopback ? [masquerade(["-s", loopback, ...service])] : []),
    ...(spec.masquerade
      ? [masquerade([...service, ...state("DNAT")])]
      : // A neighbour of the target that asks for the port has to get its answer through this host.
        place.subnet === undefined
        ? []
        : [masquerade(["-s", place.subnet, ...service, ...state("DNAT")])]),
    make("filter", chains.allow, label, [...service, ...state("DNAT")], ["-j", "ACCEPT"]),
    make("filter", chains.allow, label, ["-s", targetIp, ...state("RELATED,ESTABLISHED")], ["-j", "ACCEPT"]),
    // route_localnet opens 127.0.0.0/8 to packets from the link (CVE-2020-8558); this closes it again.
    ...(onLoopback && needsGuard(place.link)
      ? [
          make("raw", chains.guard, label, ["-i", place.link, "-d", loopback], ["-j", "DROP"]),
          make("raw", chains.guard, label, ["-i", place.link, "-s", loopback], ["-j", "DROP"]),
        ]
      : []),
  ];
}

/** The rules of one nat or forward, without chains and jumps. */
export function rulesOf(numbered: NumberedRule, chains: OwnChains): readonly Rule[] {
  const { rule } = numbered;
  const label = labelOf(numbered);
  return rule.kind === "nat" ? natRules(rule.spec, label, chains) : forwardRules(rule.spec, rule.place, label, chains);
}

/** Puts the rules there, with the chains and jumps they need; what is there already stays. */
export function additionOf(numbered: NumberedRule, chains: OwnChains): RuleTransaction {
  const { family } = numbered.rule.spec;
  const changes: RuleChange[] = [
    ensureUser,
    ...chainList(family, chains).map(([table, chain]): RuleChange => ({ change: "chain.ensure", table, chain })),
    { change: "rule.append", rule: askUser(chains) },
    ...rulesOf(numbered, chains).map((rule): RuleChange => ({ change: "rule.append", rule })),
    ...jumps(family, chains).map((rule): RuleChange => ({ change: "rule.insert", rule })),
  ];
  return { family, changes };
}

/** Takes the rules away; `last`: no other rule of the family is left in the chains, which go too. */
export function removalOf(numbered: NumberedRule, chains: OwnChains, last: boolean): RuleTransaction {
  const { family } = numbered.rule.spec;
  const remove = (rule: Rule): RuleChange => ({ change: "rule.remove", rule });
  if (!last) return { family, changes: rulesOf(numbered, chains).map(remove) };
  return {
    family,
    changes: [
      ...jumps(family, chains).map(remove),
      ...chainList(family, chains).map(([table, chain]): RuleChange => ({ change: "chain.remove", table, chain })),
      releaseUser,
    ],
  };
}

/** Everything that should be there for it: its rules and the jumps that lead to them. */
export const expectedRules = (numbered: NumberedRule, chains: OwnChains): readonly Rule[] => [
  ...rulesOf(numbered, chains),
  askUser(chains),
  ...jumps(numbered.rule.spec.family, chains),
];
