// Changes links, addresses and routes over rtnetlink, in any network namespace, through the relay: the netlink package takes longer to
// load than all of this takes. Lists are in ../network/link-table.ts. All functions throw KernelError.
import { type ErrorOptions, KernelError, TsnsError } from "../../base/error.ts";
import { family, type Prefix, requirePrefix } from "../../network/link-address.ts";
import type { LinkDetail } from "../../network/link-detail.ts";
import { parseMac } from "../../network/mac.ts";
import * as message from "../../network/message.ts";
import { prefixAdd, prefixRemove } from "../../network/message-address.ts";
import { linkChange, linkGet, linkMove, vethPairAdd } from "../../network/message-link.ts";
import { routeAdd, routeRemove } from "../../network/message-route.ts";
import { dummyAdd, vlanAdd } from "../../network/message-sublink.ts";
import { routeWords } from "../../plan/shell/link.ts";
import type { AddressAdd, AddressRemove, LinkMove, LinkSet, ParentAdd, RouteSpec, VethAdd } from "../../plan/step/link.ts";
import { decodeLink } from "../network/link-decode.ts";
import { hasOwnIpv6 } from "../proc/net-address.ts";
import { type Exchange, exchangeAll, type RelayOptions, refusal, tryExchanges } from "./relay.ts";

const within = (namespace: string | undefined): RelayOptions => (namespace === undefined ? {} : { namespacePath: namespace });

function send(exchange: Exchange, options: RelayOptions = {}): void {
  exchangeAll([exchange], options);
}

/** Sends one message whose refusal with that errno is no failure. */
function sendUnless(errno: string, exchange: Exchange, options: RelayOptions = {}): void {
  const [answer] = tryExchanges([exchange], options);
  if (answer?.errno !== undefined && answer.errno !== errno) throw refusal(answer, exchange);
}

function findLink(name: string, namespace?: string): LinkDetail {
  const [replies = []] = exchangeAll([{ message: linkGet(name), verb: "find link", target: name }], within(namespace));
  const link = replies[0] && decodeLink(replies[0]);
  if (!link) throw new KernelError("find link", "ENODEV", name);
  return link;
}

/** Adds a bridge; one of that name and hardware address that is there already is kept. */
export function addBridge(name: string, mac: string): void {
  const bytes = parseMac(mac);
  if (!bytes) throw new TsnsError("internal", "bad-mac", `"${mac}" is no hardware address`);
  try {
    send({ message: message.bridgeAdd(name, bytes), verb: "add bridge", target: name });
  } catch (error) {
    if (!(error instanceof KernelError && error.errno === "EEXIST" && findLink(name).mac === mac.toLowerCase())) throw error;
  }
}

/** A VLAN of a link, or a dummy. Throws KernelError. */
export function addParent({ name, vlan }: ParentAdd): void {
  const message = vlan ? vlanAdd(name, findLink(vlan.on).index, vlan.id) : dummyAdd(name);
  send({ message, verb: "add link", target: name });
}

/** Descriptors of native/ns-netlink.c for the two ends. */
const endFd = { own: 100, peer: 101 } as const;

export function addVethPair({ name, peer, namespace, peerNamespace, mtuBytes }: VethAdd): void {
  const mtu = mtuBytes === undefined ? {} : { mtuBytes };
  const pair = vethPairAdd(
    { name, ...mtu, ...(namespace === undefined ? {} : { namespaceFd: endFd.own }) },
    { name: peer, ...mtu, ...(peerNamespace === undefined ? {} : { namespaceFd: endFd.peer }) },
  );
  const descriptors = new Map<number, string>();
  if (namespace !== undefined) descriptors.set(endFd.own, namespace);
  if (peerNamespace !== undefined) descriptors.set(endFd.peer, peerNamespace);
  send({ message: pair, verb: "add veth pair", target: `${name} and ${peer}` }, { descriptors });
}

/** Sets IFF_UP. */
export function setLinkUp(name: string): void {
  send({ message: message.linkUp({ name }), verb: "set link up", target: name });
}

/** What is told of a change that failed. */
function changeVerb({ change }: LinkSet): string {
  if ("up" in change) return change.up ? "set link up" : "set link down";
  if ("mtuBytes" in change) return `set an MTU of ${change.mtuBytes} on`;
  if ("mac" in change) return `set the hardware address ${change.mac} on`;
  if ("newName" in change) return `rename to ${change.newName}`;
  if ("master" in change) return change.master === "" ? "take from its master" : `make a port of ${change.master}`;
  return "set link";
}

/** Sets one property. The hint of EBUSY: interfaces that are up could not be renamed before Linux 6.2. */
export function setLink(step: LinkSet): void {
  const { change, name, namespace } = step;
  const { index } = findLink(name, namespace);
  const master = "master" in change && change.master !== "" ? findLink(change.master, namespace).index : 0;
  const exchange: Exchange = { message: linkChange(index, change, master), verb: changeVerb(step), target: name };
  const [answer] = tryExchanges([exchange], within(namespace));
  if (answer?.errno === undefined) return;
  if (answer.errno === "EBUSY" && "newName" in change) throw withHint(refusal(answer, exchange), `tsns net link down ${name}`);
  throw refusal(answer, exchange);
}

function withHint(error: KernelError, hint: string): KernelError {
  const options: ErrorOptions & { message: string } = { hint, cause: error, message: error.message };
  return new KernelError(error.syscall, error.errno, error.target, options);
}

/** This process's namespace as a file that the helper opens before it enters another. */
const ownNamespace = (): string => `/proc/${process.pid}/ns/net`;

export function moveLink({ name, namespace, target, newName }: LinkMove): void {
  const { index } = findLink(name, namespace);
  const descriptors = new Map([[endFd.own, target ?? ownNamespace()]]);
  send({ message: linkMove(index, endFd.own, newName), verb: "move link", target: name }, { ...within(namespace), descriptors });
}

/** Removes a link; a missing one is no error. */
export function removeLink(name: string, namespace?: string): void {
  sendUnless("ENODEV", { message: message.linkRemove({ name }), verb: "remove link", target: name }, within(namespace));
}

/** Adds `10.1.2.1/24` or `fd00::1/64` to a link; one that is there already is kept. */
export function addAddress({ link, address, namespace, withoutDetection }: Omit<AddressAdd, "kind">): void {
  const prefix: Prefix = requirePrefix(address);
  const exchange = {
    message: prefixAdd(findLink(link, namespace).index, prefix, !withoutDetection),
    verb: `add address ${address} to`,
    target: link,
  };
  sendUnless("EEXIST", exchange, within(namespace));
}

/** Removes an address; a missing one is no error. */
export function removeAddress({ link, address, namespace }: Omit<AddressRemove, "kind">): void {
  // A container's monitor has taken back its own when the journal asks for it: a read says so where a message would cost a process.
  if (namespace === undefined && requirePrefix(address).family === family.ipv6 && !hasOwnIpv6(requirePrefix(address).address)) return;
  const bytes = prefixRemove(findLink(link, namespace).index, requirePrefix(address));
  sendUnless("EADDRNOTAVAIL", { message: bytes, verb: `remove address ${address} from`, target: link }, within(namespace));
}

function routeExchange(verb: string, make: typeof routeAdd, route: RouteSpec, namespace: string | undefined): Exchange {
  const index = route.link === undefined ? 0 : findLink(route.link, namespace).index;
  return { message: make(route, index), verb, target: routeWords(route).join(" ") };
}

export function addRoute(route: RouteSpec, namespace?: string): void {
  send(routeExchange("add route", routeAdd, route, namespace), within(namespace));
}

/** Removes a route; a missing one is no error. */
export function removeRoute(route: RouteSpec, namespace?: string): void {
  sendUnless("ESRCH", routeExchange("remove route", routeRemove, route, namespace), within(namespace));
}
