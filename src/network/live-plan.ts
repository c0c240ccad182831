// What a running container's change of networks takes: a link made and configured, default routes chosen anew, published ports moved. Pure;
// the messages are those of a start.
import type { PlannedStep } from "../plan/plan.ts";
import type { LinkRemove, NetlinkMessage } from "../plan/step/link.ts";
import { type EndpointInput, endpointMessages, innerIndex, linkMessage, routeMessages } from "./endpoint-plan.ts";
import { hostEndSteps } from "./host-end.ts";
import { join, renderHex } from "./message.ts";
import { relayChange, relayRelease } from "./port-relay.ts";
import { changePorts } from "./rule.ts";
import { flushSteps } from "./rule-plan.ts";
import type { Endpoint, PortSpec } from "./spec.ts";

/** The descriptor that `netlink.send` opens the container's namespace at. */
const innerNamespace = 103;

export interface LiveChange {
  /** The container's network namespace. */
  readonly namespace: string;
  /** All places after the change, with the ports they have then. */
  readonly places: readonly EndpointInput[];
  readonly hasIpv6: boolean;
}

const linkNames = (places: readonly EndpointInput[]): Readonly<Record<number, string>> =>
  Object.fromEntries(
    places.flatMap(({ endpoint, network, bridgeIndex }) => [
      [innerIndex(endpoint.link), endpoint.link],
      [bridgeIndex, network.bridge],
    ]),
  );

/** The host's end takes the other along; a link of macvlan or ipvlan has none. */
export const linkRemoval = ({ hostLink, link }: Endpoint, namespace: string): LinkRemove =>
  hostLink === "" ? { kind: "link.remove", name: link, namespace } : { kind: "link.remove", name: hostLink };

/** What tells a place of a container from its others: the host's end, without one the link inside. */
export const placeKey = ({ hostLink, link }: Endpoint): string => hostLink || link;

/** The steps that make one of the places. Undone by removing the host's end. */
export function planJoin(place: EndpointInput, { namespace, places, hasIpv6 }: LiveChange): readonly PlannedStep[] {
  const { endpoint, network, hostEnd } = place;
  const message =
    (inside: boolean) =>
    (parts: readonly Uint8Array[]): NetlinkMessage => ({ inside, hex: renderHex(join(parts)) });
  const [host, inside] = [message(false), message(true)];
  const made = endpointMessages(place, hasIpv6);
  const routes = routeMessages(places, true);
  const messages = [
    host([linkMessage(made, { namespaceFd: innerNamespace })]),
    ...made.attach.map(host),
    ...made.configure.map(inside),
    ...(routes.length > 0 ? [inside(routes)] : []),
  ];
  return [
    ...hostEndSteps(endpoint, hostEnd),
    {
      step: { kind: "netlink.send", namespace, link: endpoint.link, messages, linkNames: linkNames(places) },
      because: `${endpoint.link} is the container's link to network ${network.name}; ${routes.length > 0 ? "its default route is chosen anew" : "it has no way out"}`,
      undo: linkRemoval(endpoint, namespace),
    },
  ];
}

/** The default routes of the places that stay; nothing where none of them has a way out. */
export function planRoutes({ namespace, places }: Omit<LiveChange, "hasIpv6">): readonly PlannedStep[] {
  const routes = routeMessages(places, true);
  const link = places[0]?.endpoint.link ?? "";
  if (routes.length === 0) return [];
  return [
    {
      step: {
        kind: "netlink.send",
        namespace,
        link,
        messages: [{ inside: true, hex: renderHex(join(routes)) }],
        linkNames: linkNames(places),
      },
      because: "the default route is that of a network it is still on",
    },
  ];
}

/** A place and the ports that are, or were, published there. */
export interface PublishedPlace extends Pick<EndpointInput, "endpoint" | "network" | "names"> {
  readonly ports: readonly PortSpec[];
}

const transactions = ({ endpoint, network, names, ports }: PublishedPlace, owner: string, added: boolean) => {
  const place = { endpoint, ...(network.gatewayMode ? { gatewayMode: network.gatewayMode } : {}) };
  return changePorts(added ? [] : ports, added ? ports : [], place, names, owner);
};

/** The steps that take rules of published ports away, and the address of their relay; they may be repeated. */
export function portRemovals(place: PublishedPlace | undefined, owner: string): readonly PlannedStep[] {
  if (!place || place.ports.length === 0) return [];
  const because = `no packet to a published port comes in by network ${place.network.name} any more`;
  const release = relayRelease(place.endpoint, place.ports);
  return [
    ...transactions(place, owner, false).map((transaction): PlannedStep => ({ step: { kind: "rule.apply", transaction }, because })),
    ...(release ? [{ step: release, because }] : []),
    ...flushSteps(place.endpoint, place.ports),
  ];
}

/** Has the monitor relay the ports of the new place, between the removals above and the additions below, or none. `directory`: its state directory. */
export function relaySteps(directory: string, from: PublishedPlace | undefined, to: PublishedPlace | undefined): readonly PlannedStep[] {
  const start = to && relayChange(to.endpoint, [], to.ports);
  const operation = start ?? (from && relayChange(from.endpoint, from.ports, []));
  if (!operation) return [];
  const because = start ? "its monitor passes on what comes to published ports by IPv6" : "nothing is passed on by its monitor any more";
  return [{ step: { kind: "ports.relay", directory, operation }, because }];
}

/** The steps that publish ports on a place, and let the container reach its own. */
export const portAdditions = (place: PublishedPlace | undefined, owner: string): readonly PlannedStep[] =>
  place && place.ports.length > 0
    ? [
        {
          step: { kind: "port.set", name: place.endpoint.hostLink, option: "hairpin", value: 1 },
          because: "where bridged packets pass iptables, it reaches its own published port by the bridge port it came from",
        },
        ...transactions(place, owner, true).map(
          (transaction): PlannedStep => ({
            step: { kind: "rule.apply", transaction },
            because: `packets to published ports come in by network ${place.network.name}`,
          }),
        ),
        ...flushSteps(place.endpoint, place.ports),
      ]
    : [];
