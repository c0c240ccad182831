// What a bridge does with a frame: up to the host's IP layer, or on to the port behind which the next hop is; with br_netfilter
// the rules of iptables see it on the way. Knows no sockets.
import type { IpAddress } from "../rule/address.ts";
import { renderIp } from "../rule/address.ts";
import { type Journey, note, passHook, unknown } from "./journey.ts";
import type { Packet } from "./packet.ts";
import { bridgeCallsIptables, isLocalTo, linkByIndex, type Space, type SpaceLink } from "./space.ts";
import { blockedIn, explainRefusal, type Verdict } from "./verdict.ts";

export interface Frame {
  readonly space: Space;
  readonly bridge: SpaceLink;
  /** Where it came in; absent for the host's own. */
  readonly port?: SpaceLink;
  /** Whose hardware address it has. */
  readonly nextHop: IpAddress;
}

/** The ways on from a bridge. */
export interface Onward {
  /** The host's routing decision, after PREROUTING. */
  readonly up: (journey: Journey, space: Space, link: string, packet: Packet) => Verdict;
  /** The same from PREROUTING on. */
  readonly input: (journey: Journey, space: Space, link: string, packet: Packet) => Verdict;
  readonly arrive: (journey: Journey, space: Space, link: SpaceLink, packet: Packet, nextHop: IpAddress) => Verdict;
  /** Out of a port whose other side cannot be seen. */
  readonly away: (journey: Journey, space: Space, link: SpaceLink, packet: Packet, nextHop: IpAddress) => Verdict;
}

/** A frame comes in at a port. */
export function arriveAtBridge(journey: Journey, frame: Frame, packet: Packet, onward: Onward): Verdict {
  const { space, bridge, port, nextHop } = frame;
  if (!bridge.up) return blockedIn(space, packet, `bridge ${bridge.name} of ${space.label} is down`, `ip link set ${bridge.name} up`);
  if (port?.port && !port.port.forwarding)
    return blockedIn(
      space,
      packet,
      `port ${port.name} of bridge ${bridge.name} does not forward (spanning tree, or no carrier)`,
      `bridge link set dev ${port.name} state 3`,
    );
  const forHost = isLocalTo(space, nextHop);
  if (!bridgeCallsIptables(space, packet.family)) {
    if (forHost) return onward.input(journey, space, bridge.name, packet);
    return forward(journey, frame, packet, onward, false);
  }
  note(journey, space, `bridge ${bridge.name}`, "bridged packets pass iptables (br_netfilter)", packet);
  const passed = passHook(journey, space, "PREROUTING", { ...packet, in: bridge.name, out: undefined, physicalIn: port?.name });
  if ("verdict" in passed) return passed.verdict;
  const seen = passed.packet;
  if (seen.destination.label !== packet.destination.label) return translated(journey, frame, seen, onward);
  return forHost ? onward.up(journey, space, bridge.name, seen) : forward(journey, frame, seen, onward, true);
}

/** Its destination was rewritten on the bridge: it stays there if the new one is behind the same bridge (br_netfilter_hooks.c). */
function translated(journey: Journey, frame: Frame, packet: Packet, onward: Onward): Verdict {
  const { space, bridge } = frame;
  const route = space.route({
    destination: packet.destination.sample,
    source: packet.source.sample,
    in: bridge.name,
    mark: packet.mark ?? 0,
  });
  if (route.kind === "refused") return explainRefusal(space, route.errno, packet, bridge.name);
  if (route.kind === "unicast" && route.link === bridge.name) {
    const nextHop = route.gateway ?? packet.destination.sample;
    return forward(journey, { ...frame, nextHop }, packet, onward, true);
  }
  return onward.up(journey, space, bridge.name, packet);
}

/** The host's own packet, or a routed one, goes out by a bridge. */
export function leaveByBridge(journey: Journey, frame: Frame, packet: Packet, onward: Onward): Verdict {
  return forward(journey, frame, packet, onward, false);
}

/** On to the port behind which the next hop is. */
function forward(journey: Journey, frame: Frame, packet: Packet, onward: Onward, filtered: boolean): Verdict {
  const { space, bridge, port, nextHop } = frame;
  const found = locate(journey, space, bridge, nextHop);
  if (found.kind === "nowhere") return nobody(frame, packet);
  if (found.kind === "unclear")
    return unknown(
      `what is behind ${found.ports.join(", ")} of bridge ${bridge.name} cannot be read, so nobody can tell who has ${renderIp(nextHop)}`,
      packet,
    ).verdict;
  const refused = port && refusal(space, bridge, port, found.port, packet);
  if (refused) return refused;
  let current = packet;
  if (filtered) {
    const physical = { physicalIn: port?.name, physicalOut: found.port.name };
    const forwarded = passHook(journey, space, "FORWARD", { ...current, ...physical, in: bridge.name, out: bridge.name });
    if ("verdict" in forwarded) return forwarded.verdict;
    const passed = passHook(journey, space, "POSTROUTING", { ...forwarded.packet, ...physical, in: undefined, out: bridge.name }, nextHop);
    if ("verdict" in passed) return passed.verdict;
    current = passed.packet;
  }
  const bare = { ...current, physicalIn: undefined, physicalOut: undefined };
  if (found.kind === "outside") return onward.away(journey, space, found.port, bare, nextHop);
  note(journey, space, `bridge ${bridge.name}`, `port ${found.port.name}, to ${found.link.name} of ${found.space.label}`, packet);
  return onward.arrive(journey, found.space, found.link, bare, nextHop);
}

function refusal(space: Space, bridge: SpaceLink, from: SpaceLink, to: SpaceLink, packet: Packet): Verdict | undefined {
  const blocked = (reason: string, fix: string): Verdict => blockedIn(space, packet, reason, fix);
  if (from.index === to.index && !from.port?.hairpin)
    return blocked(
      `hairpin is off on port ${from.name} of bridge ${bridge.name}: a frame may not go back where it came from`,
      `bridge link set dev ${from.name} hairpin on`,
    );
  if (from.port?.isolated && to.port?.isolated && from.index !== to.index)
    return blocked(
      `ports ${from.name} and ${to.name} of bridge ${bridge.name} are isolated from each other`,
      `bridge link set dev ${to.name} isolated off`,
    );
  return undefined;
}

function nobody({ space, bridge, nextHop }: Frame, packet: Packet): Verdict {
  const address = renderIp(nextHop);
  const rewritten = packet.dnat && !packet.reply;
  return {
    kind: "blocked",
    reason: `nobody on bridge ${bridge.name} of ${space.label} has ${address}${rewritten ? ": the rule that leads there outlived its container" : ""}`,
    ...(rewritten ? { fix: `tsns net rules   # shows who made the rule to ${address}; remove it, or give a container that address` } : {}),
    answer: packet.reply,
  };
}

type Located =
  | { readonly kind: "space"; readonly port: SpaceLink; readonly space: Space; readonly link: SpaceLink }
  | { readonly kind: "outside"; readonly port: SpaceLink }
  | { readonly kind: "unclear"; readonly ports: readonly string[] }
  | { readonly kind: "nowhere" };

/** Whoever behind the bridge has an address. */
function locate(journey: Journey, space: Space, bridge: SpaceLink, ip: IpAddress): Located {
  const ports = space.links.filter((link) => link.master === bridge.index);
  const unclear: SpaceLink[] = [];
  for (const port of ports) {
    const peer = port.peer && journey.world.spaces.get(port.peer.space);
    const link = peer && port.peer ? linkByIndex(peer, port.peer.index) : undefined;
    if (!peer || !link || link.master !== undefined) unclear.push(port);
    else if (peer.addresses.some((own) => own.ip.family === ip.family && own.ip.value === ip.value))
      return { kind: "space", port, space: peer, link };
  }
  const learned = space.learnedPort(bridge, ip);
  const port = learned && unclear.find(({ index }) => index === learned.index);
  if (port) return { kind: "outside", port };
  return unclear.length > 0 ? { kind: "unclear", ports: unclear.map(({ name }) => name) } : { kind: "nowhere" };
}
