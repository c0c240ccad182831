// A whole trace: from where a packet starts to one verdict. Pure.
import type { IpFamily } from "../../plan/rule.ts";
import type { IpAddress } from "../rule/address.ts";
import type { PortRange } from "../rule/target.ts";
import { type AddressSet, setOfAddress } from "./address-set.ts";
import type { Journey, Origin } from "./journey.ts";
import { atOrigin, type Packet, type TracedProtocol } from "./packet.ts";
import { arrive, send } from "./path.ts";
import type { World } from "./space.ts";
import { renderEnds } from "./translate.ts";
import { type Hop, renderRule, type Verdict } from "./verdict.ts";

export interface TraceQuestion {
  readonly origin: Origin;
  /** Who sends; needed for somebody behind a link, else chosen by the route. */
  readonly source?: AddressSet;
  readonly destination: IpAddress;
  readonly port: number;
  readonly protocol: TracedProtocol;
}

export interface Trace {
  readonly hops: readonly Hop[];
  readonly verdict: Verdict;
}

const openSource = (family: IpFamily, sample: IpAddress): AddressSet => ({ family, ranges: [], label: "", sample });

/** Of a process here, what its namespace chooses from (ip_local_port_range, ip(7)); of others, whatever needs no privilege. */
function clientPortsOf(origin: Origin): PortRange {
  if (origin.kind === "behind") return [1024, 65535];
  const match = /^(\d+)\s+(\d+)$/.exec(origin.space.sysctl("net.ipv4.ip_local_port_range") ?? "");
  return match ? [Number(match[1]), Number(match[2])] : [32768, 60999];
}

/** Follows the first packet of a connection and its answer. */
export function trace(world: World, question: TraceQuestion): Trace {
  const { origin, destination, port, protocol } = question;
  const packet: Packet = {
    clientPorts: clientPortsOf(origin),
    family: destination.family,
    protocol,
    source: question.source ?? openSource(destination.family, destination),
    destination: setOfAddress(destination),
    sourcePort: undefined,
    destinationPort: port,
    ...atOrigin,
  };
  const journey: Journey = { world, hops: [], doubts: [], tracked: new Map(), origin, asked: packet, steps: 0 };
  const verdict =
    origin.kind === "inside" ? send(journey, origin.space, packet) : arrive(journey, origin.space, origin.link, packet, destination);
  return followRelay(world, question, { hops: journey.hops, verdict: settleDoubts(journey, verdict) });
}

/** A program that passes connections on begins one of its own, and the first is worth what that one is. */
function followRelay(world: World, { protocol }: TraceQuestion, first: Trace): Trace {
  const { relay, ...verdict } = first.verdict;
  if (!relay || verdict.kind !== "reachable") return first;
  const { space, to } = relay;
  const where = renderEnds({ address: setOfAddress(to.ip), port: to.port });
  const next = trace(world, { origin: { kind: "inside", space }, destination: to.ip, port: to.port, protocol });
  const passed: Hop = { space: space.label, at: "relay", text: `connects to ${where}`, answer: false };
  const reason = `${verdict.reason}, which passes it on to ${where}: ${next.verdict.reason}`;
  return { hops: [...first.hops, passed, ...next.hops], verdict: { ...next.verdict, reason, accepted: true } };
}

/** A packet that arrives only if a rule of unknown effect lets it is no packet that arrives. */
function settleDoubts(journey: Journey, verdict: Verdict): Verdict {
  if (verdict.kind !== "reachable") return verdict;
  const [first] = journey.doubts;
  if (first) {
    const { rule, stop, otherwise } = first.doubt;
    const who = stop.chain === rule.chain && stop.number === rule.number && stop.table === rule.table ? "it" : renderRule(stop);
    const reason = `whether ${renderRule(rule)} of ${first.space} matches cannot be told: ${who} may ${otherwise} the packet; else: ${verdict.reason}`;
    return { kind: "unknown", reason, rule };
  }
  const met = new Set(journey.hops.map(({ space }) => space));
  for (const space of journey.world.spaces.values()) {
    if (!met.has(space.label) || space.foreignTables.length === 0) continue;
    const tables = space.foreignTables.join(", ");
    return {
      kind: "unknown",
      reason: `nftables ${tables} of ${space.label} is not evaluated and may stop the packet; else: ${verdict.reason}`,
    };
  }
  return verdict;
}
