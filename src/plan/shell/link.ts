// The shell commands for steps on links, addresses, routes and network settings. A namespace is entered by its file, which need not
// have a name that ip(8) knows.
import type { AddressAdd, LinkChange, LinkMove, LinkStep, NetlinkSend, RateSet, RouteSpec, VethAdd } from "../step/link.ts";
import { unambiguousKey } from "../sysctl.ts";
import { parseNetlink } from "./netlink.ts";
import { type Renderers, words } from "./word.ts";

/** The namespace of the shell itself, for programs that nsenter has started elsewhere. Not quoted: the shell fills in its number. */
const ownNamespace = "/proc/$$/ns/net";

function ip(namespace: string | undefined, ...list: readonly string[]): string {
  return words(...(namespace === undefined ? [] : ["nsenter", `--net=${namespace}`]), "ip", ...list);
}

function tc(namespace: string | undefined, verb: string, link: string, kind: string | undefined, rest: readonly string[]): string {
  const enter = namespace === undefined ? [] : ["nsenter", `--net=${namespace}`];
  return words(...enter, "tc", "qdisc", verb, "dev", link, "root", ...(kind === undefined ? [] : [kind]), ...rest);
}

function changeWords(change: LinkChange): readonly string[] {
  if ("up" in change) return [change.up ? "up" : "down"];
  if ("promiscuous" in change) return ["promisc", change.promiscuous ? "on" : "off"];
  if ("mtuBytes" in change) return ["mtu", String(change.mtuBytes)];
  if ("mac" in change) return ["address", change.mac];
  if ("newName" in change) return ["name", change.newName];
  if ("master" in change) return change.master === "" ? ["nomaster"] : ["master", change.master];
  if ("txQueueLength" in change) return ["txqueuelen", String(change.txQueueLength)];
  return ["alias", change.alias];
}

function vethWords(step: VethAdd): string {
  const mtu = step.mtuBytes === undefined ? [] : ["mtu", String(step.mtuBytes)];
  const netns = (path: string | undefined) => (path === undefined ? [] : ["netns", path]);
  const own = ["link", "add", "name", step.name, ...mtu, ...netns(step.namespace)];
  return ip(undefined, ...own, "type", "veth", "peer", "name", step.peer, ...mtu, ...netns(step.peerNamespace));
}

function moveWords({ name, namespace, target, newName }: LinkMove): string {
  const rename = newName === undefined ? "" : ` ${words("name", newName)}`;
  return `${ip(namespace, "link", "set", "dev", name, "netns")} ${target === undefined ? ownNamespace : words(target)}${rename}`;
}

/** `brd +`: the broadcast address of the network, which tsns sets for all but loopback and point-to-point addresses. */
function addressWords({ address, link, withoutDetection }: AddressAdd): readonly string[] {
  const broadcast = /\/(\d|[12]\d|30)$/.test(address) && !address.includes(":") && !address.startsWith("127.");
  return [address, ...(broadcast ? ["brd", "+"] : []), "dev", link, ...(withoutDetection ? ["nodad"] : [])];
}

/** The arguments of `ip route add`. */
export function routeWords(route: RouteSpec): readonly string[] {
  const ipv6 = route.destination.includes(":");
  const option = (word: string, value: string | number | undefined) => (value === undefined ? [] : [word, String(value)]);
  const via = !ipv6 && route.gateway?.includes(":") ? ["via", "inet6", route.gateway] : option("via", route.gateway);
  return [
    ...(route.type === "unicast" ? [] : [route.type]),
    route.destination.endsWith("/0") ? "default" : route.destination,
    ...via,
    ...option("dev", route.link),
    ...option("src", route.source),
    ...option("metric", route.metric),
    ...option("table", route.table === 254 ? undefined : route.table),
    ...option("proto", route.protocol),
    ...option("scope", route.scope),
    ...option("mtu", route.mtuBytes),
    ...(route.onlink ? ["onlink"] : []),
  ];
}

function routeShell(verb: "add" | "del", route: RouteSpec, namespace: string | undefined): string {
  return ip(namespace, ...(route.destination.includes(":") ? ["-6"] : []), "route", verb, ...routeWords(route));
}

const rateWords = (rate: RateSet["rate"]): readonly string[] => [
  ...["rate", `${rate.bitsPerSecond}bit`],
  ...["burst", `${rate.burstBytes}`],
  ...["limit", `${rate.limitBytes}`],
];
/** Behind the filter of preference 1; the program matches everything. */
const redirectPlace = (link: string): readonly string[] => ["dev", link, "ingress", "prio", "2", "protocol", "all"];
const redirectWords = (target: string): readonly string[] => ["action", "mirred", "egress", "redirect", "dev", target];

/** A line for each message, entered into the container's namespace where it goes there. */
function netlinkLines({ namespace, messages, linkNames }: NetlinkSend): string {
  const names = {
    links: new Map(Object.entries(linkNames).map(([index, name]) => [Number(index), name])),
    namespaces: new Map([[103, namespace]]),
  };
  const enter = ["nsenter", `--net=${namespace}`];
  return messages
    .flatMap(({ inside, hex }) => {
      const commands = parseNetlink(hex, names) ?? [["false", "#", "a message no command of ip(8) stands for"]];
      return commands.map((command) => words(...(inside ? enter : []), ...command));
    })
    .join("\n");
}

export const linkShell: Renderers<LinkStep> = {
  "bridge.add": (step) => words("ip", "link", "add", "name", step.name, "address", step.mac, "type", "bridge"),
  "parent.add": ({ name, vlan }) =>
    vlan
      ? words("ip", "link", "add", "link", vlan.on, "name", name, "type", "vlan", "id", `${vlan.id}`)
      : words("ip", "link", "add", "name", name, "type", "dummy"),
  "veth.add": vethWords,
  "link.up": (step) => words("ip", "link", "set", "dev", step.name, "up"),
  "link.set": (step) => ip(step.namespace, "link", "set", "dev", step.name, ...changeWords(step.change)),
  "link.move": moveWords,
  "link.remove": (step) => ip(step.namespace, "link", "del", "dev", step.name),
  "address.add": (step) => ip(step.namespace, "address", "add", ...addressWords(step)),
  "address.remove": (step) =>
    `${ip(step.namespace, "address", "del", step.address, "dev", step.link)}${step.mayBeGone ? " 2>/dev/null || :" : ""}`,
  "route.add": (step) => routeShell("add", step.route, step.namespace),
  "route.remove": (step) => routeShell("del", step.route, step.namespace),
  "rate.set": ({ link, namespace, rate }) => tc(namespace, "replace", link, "tbf", rateWords(rate)),
  "rate.clear": ({ link, namespace }) => `${tc(namespace, "del", link, undefined, [])} 2>/dev/null || :`,
  "ifb.add": ({ name, index, rate }) =>
    [
      words("ip", "link", "add", "name", name, "index", `${index}`, "type", "ifb"),
      tc(undefined, "replace", name, "tbf", rateWords(rate)),
      words("ip", "link", "set", "dev", name, "up"),
    ].join("\n"),
  "redirect.set": ({ link, target }) =>
    [
      `${words("tc", "qdisc", "add", "dev", link, "clsact")} 2>/dev/null || :`,
      words("tc", "filter", "replace", ...redirectPlace(link), "bpf", "bytecode", "1,6 0 0 4294967295", ...redirectWords(target)),
    ].join("\n"),
  "redirect.clear": ({ link }) => `${words("tc", "filter", "del", ...redirectPlace(link))} 2>/dev/null || :`,
  "netlink.send": netlinkLines,
  "sysctl.write": (step) => words("sysctl", "-q", "-w", `${unambiguousKey(step.key)}=${step.value}`),
};
