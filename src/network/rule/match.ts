// One rule of iptables as values: what it asks of a packet, and what it does. Total: what is not understood is kept as it is
// written and never taken for a condition that holds. Knows no chains, no order, no packets.
import type { Rule } from "../../plan/rule.ts";
import { type AddressBlock, type AddressRange, parseAddressRange, parseBlock } from "./address.ts";
import { parseOptions, type RuleOption } from "./option.ts";
import { type PortRange, parseMark, parsePortRange, parseTarget, type RuleTarget } from "./target.ts";

export {
  type AddressBlock,
  type AddressRange,
  blockContains,
  type IpAddress,
  parseBlock,
  parseIp,
  renderBlock,
  renderIp,
} from "./address.ts";
export type { RuleOption } from "./option.ts";
export type { MarkChange, PortRange, Rewrite, RuleTarget } from "./target.ts";

/** `not`: the condition holds for every packet that the rest does not describe. */
interface Negatable {
  readonly not: boolean;
}

export type Side = "source" | "destination";

export interface InterfaceMatch extends Negatable {
  /** Without the `+` at its end. */
  readonly name: string;
  /** `tsns+`: every name that begins so. */
  readonly prefix: boolean;
}

/** A condition; all conditions of a rule have to hold. */
export type Condition =
  | ({ readonly kind: "address"; readonly side: Side; readonly block: AddressBlock } & Negatable)
  | ({ readonly kind: "address-range"; readonly side: Side; readonly range: AddressRange } & Negatable)
  | ({ readonly kind: "interface"; readonly side: "in" | "out" } & InterfaceMatch)
  /** Lower case: tcp, udp, icmp, ipv6-icmp, sctp, a number as text; never "all". */
  | ({ readonly kind: "protocol"; readonly protocol: string } & Negatable)
  /** side "either": multiport's --ports. */
  | ({ readonly kind: "ports"; readonly side: Side | "either"; readonly ranges: readonly PortRange[] } & Negatable)
  /** NEW, ESTABLISHED, RELATED, INVALID, UNTRACKED, SNAT, DNAT: one of them. */
  | ({ readonly kind: "state"; readonly states: readonly string[] } & Negatable)
  /** LOCAL, UNICAST, BROADCAST ...: the address is of one of these types by the routing table. */
  | ({ readonly kind: "address-type"; readonly side: Side; readonly types: readonly string[]; readonly limit?: "in" | "out" } & Negatable)
  /** (mark & mask) == value. */
  | ({ readonly kind: "mark"; readonly of: "packet" | "connection"; readonly value: number; readonly mask: number } & Negatable)
  /** Port of a bridge that a bridged packet came in or goes out by. */
  | ({ readonly kind: "physical-interface"; readonly side: "in" | "out" } & InterfaceMatch)
  /** type: a number, or a name of iptables-extensions(8); "any" and "255" match all. */
  | ({ readonly kind: "icmp"; readonly type: string; readonly code?: number } & Negatable)
  /** Of the flags in `mask` exactly those in `set`. SYN alone of SYN, RST, ACK, FIN: a new connection. */
  | ({ readonly kind: "tcp-flags"; readonly mask: readonly string[]; readonly set: readonly string[] } & Negatable)
  /** An ipset; its members are not in the rule. */
  | ({ readonly kind: "set"; readonly name: string; readonly sides: readonly string[] } & Negatable)
  /** How often, not whether: some packets pass, others do not. */
  | ({ readonly kind: "limit"; readonly rate: string } & Negatable)
  /** A condition of a known or unknown module whose meaning is not modelled. */
  | { readonly kind: "unknown"; readonly module: string; readonly option: RuleOption };

export interface RuleMatch {
  /** In the order of the rule. */
  readonly conditions: readonly Condition[];
  readonly target: RuleTarget;
  /** Texts of --comment. */
  readonly comments: readonly string[];
  /** True when every condition is understood. */
  readonly understood: boolean;
}

/** `args` as iptables-save writes them. `chains`: as for parseTarget. */
export function parseMatch(args: readonly string[], chains?: ReadonlySet<string>): RuleMatch {
  const options = parseOptions(args);
  const target = parseTarget(options, chains);
  const targetAt = options.findIndex((option) => option.name === "-j" || option.name === "-g");
  const conditions: Condition[] = [];
  const comments: string[] = [];
  for (const [at, option] of options.entries()) {
    if (at === targetAt) continue;
    if (option.name === "-m") {
      if (asksByItself(option.values[0] ?? "", options[at + 1]))
        conditions.push({ kind: "unknown", module: option.values[0] ?? "", option });
      continue;
    }
    // What follows the target belongs to it, other than a match written after it.
    if (targetAt >= 0 && at > targetAt && option.module === options[targetAt]?.values[0]) continue;
    if (option.name === "--comment") comments.push(option.values.join(" "));
    else if (option.name !== "" || option.values.length > 0) conditions.push(...conditionsOf(option, options));
  }
  return { conditions, target, comments, understood: conditions.every(({ kind }) => kind !== "unknown") };
}

/** As parseMatch, of a rule. */
export const parseRuleMatch = (rule: Rule, chains?: ReadonlySet<string>): RuleMatch => parseMatch(rule.args, chains);

/** Modules that ask nothing until they are given an option; `-m socket` and its like are conditions as they stand. */
const silent: ReadonlySet<string> = new Set([
  "tcp",
  "udp",
  "udplite",
  "sctp",
  "dccp",
  "icmp",
  "icmp6",
  "ipv6-icmp",
  "esp",
  "ah",
  "comment",
]);

function asksByItself(module: string, next: RuleOption | undefined): boolean {
  return !silent.has(module) && next?.module !== module;
}

function conditionsOf(option: RuleOption, all: readonly RuleOption[]): readonly Condition[] {
  const condition = readers[option.name]?.(option, all);
  if (condition === "none") return [];
  return [condition ?? { kind: "unknown", module: option.module, option }];
}

/** A condition, "none" for what asks nothing, undefined for what is not understood. */
type Reader = (option: RuleOption, all: readonly RuleOption[]) => Condition | "none" | undefined;

const firstOf = (option: RuleOption): string => option.values[0] ?? "";

const address =
  (side: Side): Reader =>
  (option) => {
    const block = parseBlock(firstOf(option));
    return block && { kind: "address", side, block, not: option.not };
  };

const addressRange =
  (side: Side): Reader =>
  (option) => {
    const range = parseAddressRange(firstOf(option));
    return range && { kind: "address-range", side, range, not: option.not };
  };

function interfaceOf(option: RuleOption): InterfaceMatch | undefined {
  const name = firstOf(option);
  if (name === "") return undefined;
  return { name: name.endsWith("+") ? name.slice(0, -1) : name, prefix: name.endsWith("+"), not: option.not };
}

const link =
  (kind: "interface" | "physical-interface", side: "in" | "out"): Reader =>
  (option) => {
    const match = interfaceOf(option);
    return match && { kind, side, ...match };
  };

const ports =
  (side: Side | "either", separate: boolean): Reader =>
  (option) => {
    const list = separate ? firstOf(option).split(",") : [firstOf(option)];
    const ranges = list.map((text) => parsePortRange(text, ":"));
    return ranges.every((range) => range !== undefined) ? { kind: "ports", side, ranges, not: option.not } : undefined;
  };

const words = (option: RuleOption): readonly string[] => firstOf(option).split(",");

const state: Reader = (option) => ({ kind: "state", states: words(option), not: option.not });

const addressType =
  (side: Side): Reader =>
  (option, all) => {
    const limit = all.find(({ name }) => name === "--limit-iface-in" || name === "--limit-iface-out")?.name;
    return {
      kind: "address-type",
      side,
      types: words(option),
      not: option.not,
      ...(limit ? { limit: limit === "--limit-iface-in" ? "in" : "out" } : {}),
    };
  };

const mark: Reader = (option) => {
  if (option.module !== "mark" && option.module !== "connmark") return undefined;
  return { kind: "mark", of: option.module === "mark" ? "packet" : "connection", ...parseMark(firstOf(option)), not: option.not };
};

const icmp: Reader = (option) => {
  const [type = "", code] = firstOf(option).split("/");
  return { kind: "icmp", type, ...(code === undefined ? {} : { code: Number(code) }), not: option.not };
};

const limit: Reader = (option) => (option.module === "limit" ? { kind: "limit", rate: firstOf(option), not: option.not } : undefined);

const protocol: Reader = (option) => {
  const name = firstOf(option).toLowerCase();
  return name === "all" || name === "0" ? "none" : { kind: "protocol", protocol: name, not: option.not };
};

const readers: Readonly<Record<string, Reader>> = Object.assign(Object.create(null), {
  "-s": address("source"),
  "-d": address("destination"),
  "-i": link("interface", "in"),
  "-o": link("interface", "out"),
  "-p": protocol,
  "--sport": ports("source", false),
  "--dport": ports("destination", false),
  "--sports": ports("source", true),
  "--dports": ports("destination", true),
  "--ports": ports("either", true),
  "--ctstate": state,
  "--state": state,
  "--src-type": addressType("source"),
  "--dst-type": addressType("destination"),
  // Said with --dst-type or --src-type.
  "--limit-iface-in": () => "none",
  "--limit-iface-out": () => "none",
  "--mark": mark,
  "--physdev-in": link("physical-interface", "in"),
  "--physdev-out": link("physical-interface", "out"),
  "--icmp-type": icmp,
  "--icmpv6-type": icmp,
  "--syn": (option) => ({ kind: "tcp-flags", mask: ["FIN", "SYN", "RST", "ACK"], set: ["SYN"], not: option.not }),
  "--tcp-flags": ({ values, not }) => {
    const [mask = "", set = ""] = values;
    return { kind: "tcp-flags", mask: mask.split(","), set: set === "NONE" ? [] : set.split(","), not };
  },
  "--src-range": addressRange("source"),
  "--dst-range": addressRange("destination"),
  "--match-set": ({ values, not }) => ({ kind: "set", name: values[0] ?? "", sides: (values[1] ?? "").split(","), not }),
  "--limit": limit,
  "--limit-burst": ({ module }) => (module === "limit" ? "none" : undefined),
} satisfies Record<string, Reader>);
