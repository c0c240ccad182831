// Follows one packet, and then its answer, from namespace to namespace: routing decisions, hooks in the kernel's order, bridges,
// the listener. Pure: everything it asks is in the World it is given.
import type { IpAddress } from "../rule/address.ts";
import { renderIp } from "../rule/address.ts";
import { onlyAddress, setOfAddress } from "./address-set.ts";
import { arriveAtBridge, leaveByBridge, type Onward } from "./bridge.ts";
import { deliver } from "./deliver.ts";
import { type Journey, note, passHook, unknown } from "./journey.ts";
import type { Packet } from "./packet.ts";
import { isLocalTo, linkByIndex, linkByName, type RouteAnswer, type Space, type SpaceLink } from "./space.ts";
import { blockedIn, explainRefusal, type Verdict } from "./verdict.ts";

/** More than any real way has; a way that is longer is a loop. */
const longest = 64;

function tooLong(journey: Journey): boolean {
  journey.steps += 1;
  return journey.steps > longest;
}

const loop = (packet: Packet): Verdict => ({ kind: "blocked", reason: "the packet goes round in a loop", answer: packet.reply });

/** The address a packet is routed by. */
const target = (packet: Packet): IpAddress => packet.destination.sample;

function ask(space: Space, packet: Packet, inLink?: string): RouteAnswer {
  const source = packet.source.ranges.length > 0 ? packet.source.sample : undefined;
  return space.route({
    destination: target(packet),
    mark: packet.mark ?? 0,
    ...(source ? { source } : {}),
    ...(inLink === undefined ? {} : { in: inLink }),
  });
}

const unspecified = (packet: Packet): boolean => packet.source.ranges.length === 0;

/** A packet that a process of the namespace sends. Its source may be left open (no ranges): the route then chooses it. */
export function send(journey: Journey, space: Space, given: Packet): Verdict {
  if (tooLong(journey)) return loop(given);
  const route = ask(space, given);
  if (route.kind === "refused") return explainRefusal(space, route.errno, given, undefined);
  if (route.kind === "unknown") return unknown(`the routes of ${space.label} cannot be asked: ${route.why}`, given).verdict;
  const packet = unspecified(given) ? { ...given, source: setOfAddress(sourceOf(route, given)) } : given;
  const out = route.kind === "local" ? "lo" : route.link;
  describeRoute(journey, space, route, packet);
  const passed = passHook(journey, space, "OUTPUT", { ...packet, in: undefined, out });
  if ("verdict" in passed) return passed.verdict;
  const rerouted = passed.packet.destination.label !== packet.destination.label || passed.packet.mark !== packet.mark;
  if (!rerouted) return leave(journey, space, passed.packet, route);
  const again = ask(space, passed.packet);
  if (again.kind === "refused") return explainRefusal(space, again.errno, passed.packet, outLinkOf(space, passed.packet));
  if (again.kind === "unknown") return unknown(`the routes of ${space.label} cannot be asked: ${again.why}`, passed.packet).verdict;
  describeRoute(journey, space, again, passed.packet);
  return leave(journey, space, passed.packet, again);
}

function sourceOf(route: RouteAnswer, packet: Packet): IpAddress {
  return (route.kind === "unicast" ? route.source : undefined) ?? target(packet);
}

/** The link a packet would go out by if its source did not forbid it. */
function outLinkOf(space: Space, packet: Packet): string | undefined {
  const route = space.route({ destination: target(packet), mark: packet.mark ?? 0 });
  return route.kind === "unicast" ? route.link : undefined;
}

/** After the routing decision of the namespace's own packet: POSTROUTING, then its own loopback or a link. */
function leave(journey: Journey, space: Space, packet: Packet, route: Extract<RouteAnswer, { kind: "local" | "unicast" }>): Verdict {
  const out = route.kind === "local" ? "lo" : route.link;
  const nextHop = route.kind === "local" ? target(packet) : (route.gateway ?? target(packet));
  const passed = passHook(journey, space, "POSTROUTING", { ...packet, in: undefined, out }, nextHop);
  if ("verdict" in passed) return passed.verdict;
  if (route.kind === "unicast") return transmit(journey, space, route.link, passed.packet, nextHop);
  const looped = passHook(journey, space, "PREROUTING", { ...passed.packet, in: "lo", out: undefined });
  if ("verdict" in looped) return looped.verdict;
  return receive(journey, space, looped.packet);
}

/** For this namespace itself: INPUT, then a socket. */
function receive(journey: Journey, space: Space, packet: Packet): Verdict {
  const passed = passHook(journey, space, "INPUT", { ...packet, out: undefined });
  return "verdict" in passed ? passed.verdict : deliver(journey, space, passed.packet, send);
}

/** A packet comes out of a link of the namespace. `nextHop`: whose hardware address its frame has. */
export function arrive(journey: Journey, space: Space, link: SpaceLink, given: Packet, nextHop: IpAddress): Verdict {
  if (tooLong(journey)) return loop(given);
  if (!link.up) return blockedIn(space, given, `link ${link.name} of ${space.label} is down`, `ip link set ${link.name} up`);
  const forged = refuseForged(space, link, given) ?? refuseNeighbour(space, link, given, nextHop);
  if (forged) return forged;
  const packet: Packet = { ...given, mark: 0, connectionMark: 0, state: given.reply ? "ESTABLISHED" : "NEW" };
  if (link.toLoopback && same(link.toLoopback, packet.destination.sample)) {
    note(journey, space, `filter ${link.name}`, "answers to ::1 come in by lo", packet);
    return input(journey, space, "lo", packet);
  }
  const bridge = link.master === undefined ? undefined : linkByIndex(space, link.master);
  if (bridge?.kind === "bridge") return arriveAtBridge(journey, { space, bridge, port: link, nextHop }, packet, onward);
  return input(journey, space, link.name, packet);
}

const same = (one: IpAddress, other: IpAddress): boolean => one.family === other.family && one.value === other.value;

/** The filter at the host's end of a container's link. */
function refuseForged(space: Space, { name, admits }: SpaceLink, packet: Packet): Verdict | undefined {
  if (!admits || admits.some((own) => same(own, packet.source.sample))) return undefined;
  const reason = `the filter on ${name} of ${space.label} lets the container send as ${admits.map(renderIp).join(", ")} only, not as ${packet.source.label}`;
  return blockedIn(space, packet, reason, "tsns run --security-opt spoofing=allowed ...");
}

/** The same end, on a network whose containers are not to reach each other. */
function refuseNeighbour(space: Space, { name, apart }: SpaceLink, packet: Packet, nextHop: IpAddress): Verdict | undefined {
  if (!apart || isLocalTo(space, nextHop)) return undefined;
  const reason = `the filter on ${name} of ${space.label} lets the container send to the host only, not to ${renderIp(nextHop)}`;
  return blockedIn(
    space,
    packet,
    reason,
    "publish the port and ask by an address of the host, or make the network without enable_icc=false",
  );
}

const onward: Onward = { up: route, input, arrive, away };

/** The namespace's IP layer takes a packet that came in by a link. */
function input(journey: Journey, space: Space, link: string, packet: Packet): Verdict {
  const misplaced = refuseLoopback(space, link, packet);
  if (misplaced) return misplaced;
  const passed = passHook(journey, space, "PREROUTING", { ...packet, in: link, out: undefined });
  return "verdict" in passed ? passed.verdict : route(journey, space, link, passed.packet);
}

/** net/ipv6/ip6_input.c, ip6_rcv_core: ::1 is met on a loopback link alone, whatever routes and rules say. IPv4 leaves it to the route. */
function refuseLoopback(space: Space, link: string, { family, source, destination, reply }: Packet): Verdict | undefined {
  if (family !== "ipv6" || link === "lo") return undefined;
  const own = [destination, source].find((set) => onlyAddress(set)?.value === 1n);
  if (!own) return undefined;
  return {
    kind: "blocked",
    reason: `${own.label} is ${space.label}'s own loopback: nothing that comes in by ${link} may use it`,
    answer: reply,
  };
}

/** The routing decision for a packet that came in by a link, and what follows. */
function route(journey: Journey, space: Space, link: string, packet: Packet): Verdict {
  const answer = ask(space, packet, link);
  if (answer.kind === "refused") return explainRefusal(space, answer.errno, packet, link);
  if (answer.kind === "unknown") return unknown(`the routes of ${space.label} cannot be asked: ${answer.why}`, packet).verdict;
  describeRoute(journey, space, answer, packet);
  if (answer.kind === "local") return receive(journey, space, packet);
  if (packet.family === "ipv6" && space.sysctl("net.ipv6.conf.all.forwarding") === "0")
    return explainRefusal(space, "EHOSTUNREACH", packet, link);
  const forwarded = passHook(journey, space, "FORWARD", { ...packet, in: link, out: answer.link });
  if ("verdict" in forwarded) return forwarded.verdict;
  const nextHop = answer.gateway ?? target(forwarded.packet);
  const passed = passHook(journey, space, "POSTROUTING", { ...forwarded.packet, in: undefined, out: answer.link }, nextHop);
  if ("verdict" in passed) return passed.verdict;
  return transmit(journey, space, answer.link, passed.packet, nextHop);
}

/** Out by a link: into a bridge, to the other end of a pair, or away from what can be seen. */
function transmit(journey: Journey, space: Space, name: string, packet: Packet, nextHop: IpAddress): Verdict {
  const link = linkByName(space, name);
  if (!link) return unknown(`link ${name} of ${space.label} is gone`, packet).verdict;
  if (!link.up) return blockedIn(space, packet, `link ${name} of ${space.label} is down`, `ip link set ${name} up`);
  const { origin } = journey;
  if (packet.reply && origin.kind === "behind" && origin.space.id === space.id && origin.link.index === link.index)
    return away(journey, space, link, packet, nextHop);
  if (link.kind === "bridge") return leaveByBridge(journey, { space, bridge: link, nextHop }, packet, onward);
  const peer = link.peer && journey.world.spaces.get(link.peer.space);
  const other = peer && link.peer ? linkByIndex(peer, link.peer.index) : undefined;
  if (peer && other) {
    note(journey, space, `link ${name}`, `to ${other.name} of ${peer.label}`, packet);
    return arrive(journey, peer, other, packet, nextHop);
  }
  return away(journey, space, link, packet, nextHop);
}

/** Nothing is known of what is behind a link: an answer to somebody there has come back, other packets are lost from sight. */
function away(journey: Journey, space: Space, link: SpaceLink, packet: Packet, nextHop: IpAddress): Verdict {
  const { origin, asked } = journey;
  note(journey, space, `link ${link.name}`, `leaves, next hop ${renderIp(nextHop)}`, packet);
  if (!packet.reply)
    return unknown(`the packet leaves by ${link.name} of ${space.label}; what is behind that link cannot be read from here`, packet)
      .verdict;
  if (origin.kind === "behind" && origin.space.id === space.id) {
    if (packet.source.label !== asked.destination.label)
      return {
        kind: "blocked",
        reason: `the answer comes from ${packet.source.label} instead of ${asked.destination.label}: the client does not know it`,
        answer: true,
      };
    return { kind: "reachable", reason: "" };
  }
  return { kind: "blocked", reason: `the answer leaves by ${link.name} of ${space.label} and never gets back to the client`, answer: true };
}

function describeRoute(journey: Journey, space: Space, answer: RouteAnswer, packet: Packet): void {
  const to = packet.destination.label;
  if (answer.kind === "local") note(journey, space, "route", `${to} is this namespace's own address`, packet);
  if (answer.kind === "unicast") {
    const by = answer.gateway ? ` via ${renderIp(answer.gateway)}` : "";
    note(journey, space, "route", `${to} by ${answer.link}${by}`, packet);
  }
}
