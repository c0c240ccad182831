// What a rule does, in plain words. Knows the parsed rule; names of containers and networks it is given.

import { type AddressBlock, type AddressRange, renderAddressRange } from "./address.ts";
import type { Condition, PortRange, Rewrite, RuleMatch, RuleTarget } from "./match.ts";
import { renderBlock, renderIp } from "./match.ts";

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
const ports = (ranges: readonly PortRange[]): string =>
  `port${ranges.length === 1 && ranges[0]?.[0] === ranges[0]?.[1] ? "" : "s"} ${ranges.map(port).join(", ")}`;

function named(text: string, names: Names): string {
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
function addressText(match: RuleMatch, side: "source" | "destination", names: Names): string | undefined {
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
function portText(match: RuleMatch, side: "source" | "destination"): string | undefined {
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

const hex = (value: number): string => `0x${value.toString(16)}`;

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

function clauses({ conditions }: RuleMatch): readonly string[] {
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

/** What a rule asks besides source, destination and the links it goes out by: for a column of its own. */
export function clausesOf(match: RuleMatch): string {
  const rest = match.conditions.filter((condition) => condition.kind !== "interface" || condition.side === "in");
  const others = { ...match, conditions: rest };
  const to = [portText(others, "destination"), addressText(others, "destination", { of: () => undefined, localOnly: false })].filter(
    Boolean,
  );
  return [protocolText(others), ...(to.length > 0 ? ["to", to.join(" of ")] : []), ...clauses(others)].filter(Boolean).join(" ");
}

function protocolText(match: RuleMatch): string {
  return pick(match, "protocol")
    .map(({ not, protocol }) => `${not ? "non-" : ""}${/^\d+$/.test(protocol) ? `protocol ${protocol}` : protocol.toUpperCase()}`)
    .join(" ");
}

/** "TCP packets from A port B to C port D of known connections coming in by X". */
function packets(match: RuleMatch, names: Names): string {
  const source = addressText(match, "source", names);
  const destination = addressText(match, "destination", names);
  const [from, to] = [portText(match, "source"), portText(match, "destination")];
  const words = [protocolText(match), match.conditions.length === 0 ? "every packet" : "packets"];
  if (source !== undefined || from !== undefined) words.push("from", [from, source].filter(Boolean).join(" of "));
  if (destination !== undefined || to !== undefined) words.push("to", [to, destination].filter(Boolean).join(" of "));
  return [...words, ...clauses(match)].filter(Boolean).join(" ");
}

/** "TCP port 8080 of any local address from 10.0.0.0/8 not coming in by docker0": what a translation of the destination takes. */
function service(match: RuleMatch, names: Names): string {
  const destination = addressText(match, "destination", names) ?? (names.localOnly ? "any local address" : "any address");
  const to = portText(match, "destination");
  const source = addressText(match, "source", names);
  const from = portText(match, "source");
  const what = [protocolText(match), to ?? "packets"].filter(Boolean).join(" ");
  const asker = source === undefined && from === undefined ? [] : ["asked from", [from, source].filter(Boolean).join(" of ")];
  return [what, to === undefined ? "to" : "of", destination, ...asker, ...clauses(match)].join(" ");
}

const rangeText = (range: AddressRange, names: Names): string =>
  range.from.value === range.to.value ? named(renderIp(range.from), names) : renderAddressRange(range);

function rewriteText({ address, ports: range }: Rewrite, names: Names): string {
  const name = address && address.from.value === address.to.value ? names.of(renderIp(address.from)) : undefined;
  const parts = [address && (name === undefined ? rangeText(address, names) : renderIp(address.from)), range && ports([range])];
  return `${parts.filter(Boolean).join(" ")}${name === undefined ? "" : ` (${name})`}`;
}

/** A whole rule in one sentence without a full stop. */
export function describeRule(match: RuleMatch, names: Names): string {
  const { target } = match;
  switch (target.kind) {
    case "dnat":
      return `forward ${service(match, names)} to ${rewriteText(target.to, names)}`;
    case "redirect":
      return `redirect ${service(match, names)} to ${target.ports ? `${ports([target.ports])} of ` : ""}this host`;
    case "snat":
      return `give ${packets(match, names)} the source ${rewriteText(target.to, names)}`;
    case "masquerade":
      return `give ${packets(match, names)} the address of the link they leave by${target.ports ? ` and ${ports([target.ports])}` : ""}`;
    default:
      return describeVerdict(target, packets(match, names));
  }
}

function describeVerdict(target: Exclude<RuleTarget, { kind: "dnat" | "redirect" | "snat" | "masquerade" }>, what: string): string {
  switch (target.kind) {
    case "accept":
      return `let ${what} pass`;
    case "drop":
      return `drop ${what}`;
    case "return":
      return `leave the chain with ${what}`;
    case "jump":
      return `ask ${target.chain} about ${what}`;
    case "goto":
      return `hand ${what} over to ${target.chain}`;
    case "reject":
      return `refuse ${what} with ${target.answer}`;
    case "log":
      return `log ${what}${target.prefix === "" ? "" : ` as "${target.prefix.trim()}"`}`;
    case "mark":
      return describeMark(target, what);
    case "notrack":
      return `do not track ${what}`;
    case "none":
      return `count ${what}`;
    case "extension": {
      const options = target.options.flatMap(({ name, values }) => [name, ...values]).join(" ");
      return `apply ${target.name}${options === "" ? "" : ` ${options}`} to ${what}`;
    }
  }
}

function describeMark({ of, mark }: Extract<RuleTarget, { kind: "mark" }>, what: string): string {
  const where = of === "packet" ? what : `the connection of ${what}`;
  switch (mark.change) {
    case "save":
      return `keep the mark of ${what} with the connection`;
    case "restore":
      return `give ${what} the mark of their connection`;
    case "set":
      return `mark ${where} with ${hex(mark.value)}${mark.mask === 0xffffffff ? "" : `/${hex(mark.mask)}`}`;
    default:
      return `change the mark of ${where} (${mark.change} ${hex(mark.value)})`;
  }
}
