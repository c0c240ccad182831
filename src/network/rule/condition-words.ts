// What a rule asks of packets, in plain words: pieces of a sentence. Knows the parsed rule; names of containers and networks it is given.
import { type AddressBlock, renderAddressRange } from "./address.ts";
import { type Condition, type PortRange, type RuleMatch, renderBlock } from "./match.ts";

export interface Names {
  /** "container web", "network bridge" for an address or block as renderBlock writes it; undefined when nobody has it. */
  of(address: string): string | undefined;
  /** Packets reach the chain only when they are for an address of this host. */
  readonly localOnly: boolean;
}

const nothing: readonly never[] = [];

type Of<K extends Condition["kind"]> = Extract<Condition, { kind: K }>;

function pick<K extends Condition["kind"]>(match: RuleMatch, kind: K): readonly Of<K>[] {
  let found: Of<K>[] | undefined;
  for (const condition of match.conditions) {
    if (condition.kind !== kind) continue;
    if (found) found.push(condition as Of<K>);
    else found = [condition as Of<K>];
  }
  return found ?? nothing;
}

const except = (not: boolean): string => (not ? "anything but " : "");
const port = ([from, to]: PortRange): string => (from === to ? `${from}` : `${from}-${to}`);
export const ports = (ranges: readonly PortRange[]): string =>
  `port${ranges.length === 1 && ranges[0]?.[0] === ranges[0]?.[1] ? "" : "s"} ${ranges.map(port).join(", ")}`;

export function named(text: string, names: Names): string {
  const name = names.of(text);
  return name === undefined ? text : `${text} (${name})`;
}

const blockText = (block: AddressBlock, names: Names): string => named(renderBlock(block), names);

const typeWords: Readonly<Record<string, string>> = {
  LOCAL: "any local address",
  UNICAST: "any unicast address",
  BROADCAST: "any broadcast address",
  MULTICAST: "any multicast address",
};

/** Addresses of one side: what the conditions say, joined; undefined when they say nothing. */
export function addressText(match: RuleMatch, side: "source" | "destination", names: Names): string | undefined {
  const parts = [
    ...pick(match, "address")
      .filter((condition) => condition.side === side)
      .map(({ not, block }) => `${except(not)}${blockText(block, names)}`),
    ...pick(match, "address-range")
      .filter((condition) => condition.side === side)
      .map(({ not, range }) => `${except(not)}${renderAddressRange(range)}`),
    ...pick(match, "address-type")
      .filter((condition) => condition.side === side)
      .map(({ not, types }) => `${except(not)}${types.map((type) => typeWords[type] ?? `${type} addresses`).join(" or ")}`),
  ];
  return parts.length === 0 ? undefined : parts.join(" that is ");
}

/** "TCP port 80", "port 80", undefined without ports of that side. */
export function portText(match: RuleMatch, side: "source" | "destination"): string | undefined {
  const found = pick(match, "ports").filter((condition) => condition.side === side || condition.side === "either");
  if (found.length === 0) return undefined;
  return found.map(({ not, ranges }) => `${except(not)}${ports(ranges)}`).join(" and ");
}

const stateWords: Readonly<Record<string, string>> = {
  NEW: "of new connections",
  ESTABLISHED: "of known connections",
  RELATED: "related to known connections",
  "ESTABLISHED,RELATED": "of or related to known connections",
  INVALID: "that belong to no connection",
  UNTRACKED: "that are not tracked",
  DNAT: "whose destination was rewritten",
  SNAT: "whose source was rewritten",
};

function stateText({ not, states }: Of<"state">): string {
  const key = [...states].sort().join(",");
  const words = stateWords[key] ?? states.map((state) => stateWords[state] ?? `in state ${state}`).join(" or ");
  return not ? `not ${words}` : words;
}

function linkText({ side, name, prefix, not }: Of<"interface"> | Of<"physical-interface">): string {
  return `${not ? "not " : ""}${side === "in" ? "coming in by" : "going out by"} ${prefix ? `${name}*` : name}`;
}

export const hex = (value: number): string => `0x${value.toString(16)}`;

/** Conditions that are neither addresses, ports nor protocol, as clauses after them. */
function clauseText(condition: Condition): string | undefined {
  switch (condition.kind) {
    case "state":
      return stateText(condition);
    case "interface":
      return linkText(condition);
    case "physical-interface":
      return `${linkText(condition)} of the bridge`;
    case "mark":
      return `${condition.not ? "not " : ""}marked ${hex(condition.value)}${condition.mask === 0xffffffff ? "" : `/${hex(condition.mask)}`}`;
    case "icmp":
      return `of type ${except(condition.not)}${condition.type}${condition.code === undefined ? "" : ` code ${condition.code}`}`;
    case "tcp-flags":
      return `with ${condition.not ? "other than " : ""}${condition.set.join(",") || "none"} of the flags ${condition.mask.join(",")}`;
    case "set":
      return `${condition.not ? "not " : ""}in set ${condition.name} (${condition.sides.join(",")})`;
    case "limit":
      return `at most ${condition.rate}`;
    case "unknown":
      return `if ${optionText(condition)}`;
    default:
      return undefined;
  }
}

type UnknownCondition = Extract<Condition, { kind: "unknown" }>;

const optionText = ({ option }: UnknownCondition): string =>
  [option.not ? "!" : "", option.name, ...option.values].filter(Boolean).join(" ");

/** Options of one module, `-m statistic --mode random --probability 0.5`, are one condition of its rule. */
function extensionText(module: string, group: readonly UnknownCondition[]): string {
  const textOf = (name: string) => group.find(({ option }) => option.name === name && !option.not)?.option.values[0];
  const probability = Number(textOf("--probability"));
  if (module === "statistic" && group.length === 2 && textOf("--mode") === "random" && Number.isFinite(probability)) {
    return `at random, ${Number((probability * 100).toPrecision(4))} % of them`;
  }
  return `if ${module} ${group.map(optionText).join(" ")}`;
}

export function clauses({ conditions }: RuleMatch): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < conditions.length; at++) {
    const condition = conditions[at];
    if (!condition) continue;
    const { length } = texts;
    if (condition.kind === "unknown" && condition.module !== "" && condition.option.name !== "-m") {
      const group = [condition];
      for (let next = conditions[at + 1]; next?.kind === "unknown" && next.module === condition.module && next.option.name !== "-m"; ) {
        group.push(next);
        at++;
        next = conditions[at + 1];
      }
      texts.push(extensionText(condition.module, group));
    }
    if (texts.length === length) texts.push(...[clauseText(condition) ?? []].flat());
  }
  return texts;
}

export function protocolText(match: RuleMatch): string {
  return pick(match, "protocol")
    .map(({ not, protocol }) => `${not ? "non-" : ""}${/^\d+$/.test(protocol) ? `protocol ${protocol}` : protocol.toUpperCase()}`)
    .join(" ");
}
