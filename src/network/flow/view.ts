// A tracked connection in the words of containers: who asked, by which published address, who answers, which rules rewrote it. Pure.
import type { IpAddress } from "../rule/address.ts";
import { setOfAddress } from "../trace/address-set.ts";
import { type HookResult, runHook } from "../trace/hook.ts";
import { atOrigin, type Packet, type TracedProtocol } from "../trace/packet.ts";
import { isLocalTo, type Space } from "../trace/space.ts";
import type { RuleRef } from "../trace/table.ts";
import { type Flow, rewrittenDestination, rewrittenSource, sameIp } from "./flow.ts";

export interface FlowRules {
  /** Undefined where the destination was not rewritten, or no rule of today would do it. */
  readonly destination?: RuleRef | undefined;
  readonly source?: RuleRef | undefined;
}

/** The rules that would rewrite the first packet of the connection today as it was rewritten then. */
export function rulesOfFlow(host: Space, flow: Flow): FlowRules {
  if (flow.protocol !== "tcp" && flow.protocol !== "udp") return {};
  const destination = rewrittenDestination(flow);
  const source = rewrittenSource(flow);
  if (!destination && !source) return {};
  const entered = enter(host, flow, flow.protocol);
  return {
    ...(destination ? { destination: destinationRule(entered, destination.ip) } : {}),
    ...(source ? { source: sourceRule(host, flow, entered) } : {}),
  };
}

function packetOf({ original }: Flow, protocol: TracedProtocol): Packet {
  return {
    family: original.source.family,
    protocol,
    source: setOfAddress(original.source),
    destination: setOfAddress(original.destination),
    sourcePort: original.sourcePort,
    destinationPort: original.destinationPort,
    clientPorts: [original.sourcePort, original.sourcePort],
    ...atOrigin,
  };
}

/** The link that leads to an address. */
function linkTo(host: Space, destination: IpAddress): string | undefined {
  const route = host.route({ destination, mark: 0 });
  return route.kind === "unicast" ? route.link : undefined;
}

/** The first packet at the hook where it came in; the marks it gets there decide later. */
function enter(host: Space, flow: Flow, protocol: TracedProtocol): { readonly packet: Packet; readonly result: HookResult } {
  const own = isLocalTo(host, flow.original.source);
  const packet = packetOf(flow, protocol);
  const seen: Packet = own ? { ...packet, out: "lo" } : { ...packet, in: linkTo(host, flow.original.source) };
  const result = runHook(host, own ? "OUTPUT" : "PREROUTING", seen, { translated: false });
  // What became of it is not known: neither are its marks.
  return { packet: result.kind === "pass" ? result.packet : { ...seen, mark: undefined, connectionMark: undefined }, result };
}

function destinationRule({ result }: ReturnType<typeof enter>, to: IpAddress): RuleRef | undefined {
  if (result.kind !== "pass" || !result.translate) return undefined;
  const { target, by } = result.translate;
  if (target.kind !== "dnat" || !target.to.address) return by;
  return sameIp(target.to.address.from, to) ? by : undefined;
}

function sourceRule(host: Space, flow: Flow, { packet }: ReturnType<typeof enter>): RuleRef | undefined {
  const destination = setOfAddress(flow.reply.source);
  const out = linkTo(host, flow.reply.source);
  const dnat = rewrittenDestination(flow) !== undefined;
  const routed: Packet = { ...packet, destination, destinationPort: flow.reply.sourcePort, out, dnat };
  const passed = packet.in === undefined ? undefined : runHook(host, "FORWARD", routed, { translated: true });
  const leaving = passed?.kind === "pass" ? passed.packet : routed;
  const result = runHook(host, "POSTROUTING", leaving, { translated: false });
  return result.kind === "pass" ? result.translate?.by : undefined;
}
