// The end of a way: the socket that takes the packet, and then the answer's way back. Knows no rules.
import type { IpAddress } from "../rule/address.ts";
import { renderIp } from "../rule/address.ts";
import { type Journey, note, unknown } from "./journey.ts";
import type { Packet } from "./packet.ts";
import type { Listener, RelayTarget, Space } from "./space.ts";
import { renderEnds } from "./translate.ts";
import type { Verdict } from "./verdict.ts";

type Send = (journey: Journey, space: Space, packet: Packet) => Verdict;

/** A packet has passed INPUT. */
export function deliver(journey: Journey, space: Space, packet: Packet, send: Send): Verdict {
  return packet.reply ? acceptAnswer(journey, space, packet) : findListener(journey, space, packet, send);
}

function findListener(journey: Journey, space: Space, packet: Packet, send: Send): Verdict {
  const where = renderEnds({ address: packet.destination, port: packet.destinationPort });
  const listeners = space.listeners(packet.protocol);
  if (!listeners) return unknown(`the sockets of ${space.label} cannot be read`, packet).verdict;
  if (packet.destinationPort === undefined) return unknown("the port is chosen by a rule", packet).verdict;
  const wanted = space.relayedPort?.(packet.destination.sample, packet.destinationPort) ?? packet.destinationPort;
  const here = listeners.filter(({ port }) => port === wanted);
  const found = best(here, packet.destination.sample);
  if (!found) return noListener(space, packet, here);
  if (takes(found, packet.destination.sample) === undefined)
    return unknown(`whether the socket on [::]:${found.port} of ${space.label} takes IPv4 cannot be read`, packet).verdict;
  const who = space.ownerOf(found);
  const listener = `${renderBound(found)}${who && who !== space.label ? ` by ${who}` : ""}`;
  note(journey, space, "listener", `${packet.protocol} ${listener}`, packet);
  const back = answer(journey, space, packet, send);
  const to = space.relayOf?.(found, packet.protocol, askedOf(journey, space));
  if (back.kind === "reachable")
    return {
      kind: "reachable",
      ...(to ? { relay: { space, to } } : {}),
      reason: `${space.label} listens on ${listener}${where === renderBound(found) ? "" : `, reached at ${where}`}`,
    };
  return back;
}

/** What was asked for before a rule of the namespace led it elsewhere. */
function askedOf(journey: Journey, space: Space): RelayTarget | undefined {
  const from = journey.tracked.get(space.id)?.destination?.from;
  return from?.port === undefined ? undefined : { ip: from.address.sample, port: from.port };
}

const isAny = ({ address }: Listener): boolean => address.value === 0n;

/** True, false, or undefined where it is not known. */
function takes(listener: Listener, ip: IpAddress): boolean | undefined {
  if (listener.address.family === ip.family) return isAny(listener) || listener.address.value === ip.value;
  return ip.family === "ipv4" && isAny(listener) ? listener.takesIpv4 : false;
}

/** The most particular socket, as the kernel's look-up prefers it. */
function best(listeners: readonly Listener[], ip: IpAddress): Listener | undefined {
  const sure = listeners.filter((listener) => takes(listener, ip) === true);
  return sure.find((listener) => !isAny(listener)) ?? sure[0] ?? listeners.find((listener) => takes(listener, ip) === undefined);
}

function renderBound({ address, port }: Listener): string {
  const text = renderIp(address);
  return address.family === "ipv6" ? `[${text}]:${port}` : `${text}:${port}`;
}

function noListener(space: Space, packet: Packet, samePort: readonly Listener[]): Verdict {
  const { destination, destinationPort, protocol } = packet;
  const asked = renderEnds({ address: destination, port: destinationPort });
  const elsewhere = samePort[0];
  if (!elsewhere)
    return {
      kind: "blocked",
      reason: `nothing in ${space.label} listens on ${protocol} port ${destinationPort}`,
      fix: `start the program that should listen on port ${destinationPort} in ${space.label}`,
    };
  const only = samePort.map(renderBound).join(", ");
  const any = destination.family === "ipv6" ? "[::]" : "0.0.0.0";
  return {
    kind: "blocked",
    reason: `${space.ownerOf(elsewhere) ?? "the program"} in ${space.label} listens on ${only} only, not on ${asked}`,
    fix: `make it listen on ${any}:${destinationPort}`,
  };
}

/** What the listener sends back, as the namespace that it leaves sees it. */
function answer(journey: Journey, space: Space, packet: Packet, send: Send): Verdict {
  return send(journey, space, {
    ...packet,
    source: packet.destination,
    sourcePort: packet.destinationPort,
    destination: packet.source,
    destinationPort: packet.sourcePort,
    in: undefined,
    out: undefined,
    mark: 0,
    connectionMark: packet.connectionMark,
    state: packet.state === "UNTRACKED" ? "UNTRACKED" : "ESTABLISHED",
    reply: true,
  });
}

/** An answer has come to a namespace: it has to be the one that asked, and the answer has to come from whom it asked. */
function acceptAnswer(journey: Journey, space: Space, packet: Packet): Verdict {
  const { origin, asked } = journey;
  if (origin.kind !== "inside" || origin.space.id !== space.id)
    return { kind: "blocked", reason: `the answer ends in ${space.label}, which did not ask`, answer: true };
  const same = packet.source.label === asked.destination.label && packet.sourcePort === asked.destinationPort;
  if (!same) {
    const from = renderEnds({ address: packet.source, port: packet.sourcePort });
    const wanted = renderEnds({ address: asked.destination, port: asked.destinationPort });
    return {
      kind: "blocked",
      reason: `the answer comes from ${from} instead of ${wanted}, so ${space.label} does not know it: it went past the namespace that rewrote the address`,
      fix: `iptables -t nat -A POSTROUTING -s ${packet.destination.label} -d ${packet.source.label} -j MASQUERADE   # where the address is rewritten`,
      answer: true,
    };
  }
  return { kind: "reachable", reason: "" };
}
