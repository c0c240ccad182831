// What a rule does, in plain words: the sentence around its conditions. Knows the parsed rule; names of containers and networks it is given.

import { type AddressRange, renderAddressRange } from "./address.ts";
import { addressText, clauses, hex, type Names, named, ports, portText, protocolText } from "./condition-words.ts";
import { type Rewrite, type RuleMatch, type RuleTarget, renderIp } from "./match.ts";

/** What a rule asks besides source, destination and the links it goes out by: for a column of its own. */
export function clausesOf(match: RuleMatch): string {
  const rest = match.conditions.filter((condition) => condition.kind !== "interface" || condition.side === "in");
  const others = { ...match, conditions: rest };
  const to = [portText(others, "destination"), addressText(others, "destination", { of: () => undefined, localOnly: false })].filter(
    Boolean,
  );
  return [protocolText(others), ...(to.length > 0 ? ["to", to.join(" of ")] : []), ...clauses(others)].filter(Boolean).join(" ");
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
