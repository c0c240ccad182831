// The packet that a trace follows, and whether a rule's conditions hold for it, in three values. Knows one rule at a time.
import type { IpFamily } from "../../plan/rule.ts";
import type { Condition, InterfaceMatch } from "../rule/match.ts";
import type { PortRange } from "../rule/target.ts";
import { type AddressSet, type Answer, isInBlock, isInRange, negate, some } from "./address-set.ts";

export type TracedProtocol = "tcp" | "udp";

export interface Packet {
  readonly family: IpFamily;
  readonly protocol: TracedProtocol;
  readonly source: AddressSet;
  readonly destination: AddressSet;
  /** Undefined: a port that the client's kernel chooses, of `clientPorts`. */
  readonly sourcePort: number | undefined;
  readonly destinationPort: number | undefined;
  readonly clientPorts: PortRange;
  /** Link names as rules see them at this hook; absent where the hook has none. */
  readonly in?: string | undefined;
  readonly out?: string | undefined;
  /** Ports of a bridge, of bridged packets. */
  readonly physicalIn?: string | undefined;
  readonly physicalOut?: string | undefined;
  /** Undefined: not known. */
  readonly mark: number | undefined;
  readonly connectionMark: number | undefined;
  /** INVALID: an answer whose question this namespace has not seen. */
  readonly state: "NEW" | "ESTABLISHED" | "INVALID" | "UNTRACKED";
  /** What connection tracking has translated in this namespace so far. */
  readonly dnat: boolean;
  readonly snat: boolean;
  /** The answer to the first packet. */
  readonly reply: boolean;
}

/** What is true of every packet where it sets out. */
export const atOrigin = { mark: 0, connectionMark: 0, state: "NEW", dnat: false, snat: false, reply: false } as const;

/** What rules ask of the namespace they are in. */
export interface MatchFacts {
  /** LOCAL, UNICAST, BROADCAST, MULTICAST ...; undefined where members of the set differ. `link`: local to that link only. */
  addressType(set: AddressSet, link?: string): string | undefined;
}

const answer = (value: boolean): Answer => (value ? "yes" : "no");

/** Whether a condition holds. Never a guess: what cannot be told from here is "maybe". */
export function holds(condition: Condition, packet: Packet, facts: MatchFacts): Answer {
  const positive = holdsPositive(condition, packet, facts);
  return "not" in condition && condition.not ? negate(positive) : positive;
}

function holdsPositive(condition: Condition, packet: Packet, facts: MatchFacts): Answer {
  switch (condition.kind) {
    case "address":
      return isInBlock(packet[condition.side], condition.block);
    case "address-range":
      return isInRange(packet[condition.side], condition.range);
    case "interface":
      return answer(isLink(condition, condition.side === "in" ? packet.in : packet.out));
    case "physical-interface":
      return answer(isLink(condition, condition.side === "in" ? packet.physicalIn : packet.physicalOut));
    case "protocol":
      return answer(protocolNames[packet.protocol].includes(condition.protocol));
    case "ports":
      return holdsPorts(condition.side, condition.ranges, packet);
    case "state":
      return some(condition.states.map((state) => hasState(state, packet)));
    case "address-type":
      return holdsAddressType(condition, packet, facts);
    case "mark": {
      const value = condition.of === "packet" ? packet.mark : packet.connectionMark;
      return value === undefined ? "maybe" : answer((value & condition.mask) >>> 0 === condition.value >>> 0);
    }
    case "icmp":
      return "no";
    case "tcp-flags":
      return packet.protocol === "tcp" ? answer(hasFlags(condition.mask, condition.set, packet.reply)) : "no";
    case "set":
    case "limit":
    case "unknown":
      return "maybe";
  }
}

const protocolNames: Readonly<Record<TracedProtocol, readonly string[]>> = { tcp: ["tcp", "6"], udp: ["udp", "17"] };

function isLink({ name, prefix }: InterfaceMatch, link: string | undefined): boolean {
  if (link === undefined) return false;
  return prefix ? link.startsWith(name) : link === name;
}

function isInPorts(ranges: readonly PortRange[], port: number | undefined, [first, last]: PortRange): Answer {
  if (port !== undefined) return answer(ranges.some(([from, to]) => port >= from && port <= to));
  if (ranges.some(([from, to]) => from <= first && to >= last)) return "yes";
  return ranges.some(([from, to]) => from <= last && to >= first) ? "maybe" : "no";
}

function holdsPorts(side: "source" | "destination" | "either", ranges: readonly PortRange[], packet: Packet): Answer {
  const source = () => isInPorts(ranges, packet.sourcePort, packet.clientPorts);
  const destination = () => isInPorts(ranges, packet.destinationPort, packet.clientPorts);
  if (side === "source") return source();
  return side === "destination" ? destination() : some([source(), destination()]);
}

function hasState(state: string, packet: Packet): Answer {
  if (state === "DNAT") return answer(packet.dnat);
  if (state === "SNAT") return answer(packet.snat);
  return answer(state === packet.state);
}

function holdsAddressType(condition: Extract<Condition, { kind: "address-type" }>, packet: Packet, facts: MatchFacts): Answer {
  const link = condition.limit === "in" ? packet.in : condition.limit === "out" ? packet.out : undefined;
  const type = facts.addressType(packet[condition.side], link);
  return type === undefined ? "maybe" : answer(condition.types.includes(type));
}

/** A connection begins with SYN; its answer has SYN and ACK. */
function hasFlags(mask: readonly string[], wanted: readonly string[], reply: boolean): boolean {
  const own = reply ? ["SYN", "ACK"] : ["SYN"];
  const tested = mask.includes("ALL") ? ["FIN", "SYN", "RST", "PSH", "ACK", "URG"] : mask;
  return tested.every((flag) => own.includes(flag) === (wanted.includes(flag) || wanted.includes("ALL")));
}
