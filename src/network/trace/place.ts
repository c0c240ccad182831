// Where the packets of people's words come from: "host", "lan", "internet", a network, an address. Pure; containers are the engine's.
import { TsnsError } from "../../base/error.ts";
import type { IpFamily } from "../../plan/rule.ts";
import { type AddressBlock, type IpAddress, parseBlock, parseIp, renderBlock, renderIp } from "../rule/address.ts";
import { type AddressSet, internet, onlyAddress, setOfAddress, setOfBlocks } from "./address-set.ts";
import type { Origin } from "./journey.ts";
import type { TracedProtocol } from "./packet.ts";
import { linkByName, type Space, type SpaceAddress, type SpaceLink, type World } from "./space.ts";

export interface Sender {
  readonly origin: Origin;
  /** Left open for processes of a namespace: the route chooses it. */
  readonly source?: AddressSet;
  /** For people. */
  readonly label: string;
}

function networkOf({ ip, prefixLength }: SpaceAddress): string {
  return renderBlock(parseBlock(`${renderIp(ip)}/${prefixLength}`) ?? { family: ip.family, base: ip.value, mask: 0n });
}

/** A bridge that leads to nothing but namespaces and virtual machines of this host. */
function isInner(space: Space, link: SpaceLink): boolean {
  if (link.kind !== "bridge") return false;
  return space.links.filter(({ master }) => master === link.index).every(({ kind }) => kind === "veth" || kind === "tun");
}

/** Links behind which other hosts are: with an address, no bridge of containers and no port of one. */
export function outerLinks(space: Space, family: IpFamily): readonly SpaceLink[] {
  return space.links.filter(
    (link) =>
      link.name !== "lo" &&
      link.up &&
      link.master === undefined &&
      !isInner(space, link) &&
      space.addresses.some((own) => own.link === link.index && own.ip.family === family && !isLinkLocal(own.ip)),
  );
}

const isLinkLocal = (ip: IpAddress): boolean => ip.family === "ipv6" && ip.value >> 118n === 0x3fan;

/** The link that leads to the internet: undefined without a default route. */
export function uplink(space: Space, family: IpFamily): SpaceLink | undefined {
  const route = space.route({ destination: internet(family).sample, mark: 0 });
  return route.kind === "unicast" ? linkByName(space, route.link) : undefined;
}

/** The other hosts of a link's own networks. */
function neighboursOf(space: Space, link: SpaceLink, family: IpFamily): AddressSet {
  const own = space.addresses.filter((address) => address.link === link.index && address.ip.family === family && !isLinkLocal(address.ip));
  const nobody = own.flatMap((address) => {
    const block = parseBlock(networkOf(address));
    const bits = family === "ipv4" ? 32 : 128;
    // Network and broadcast address; of IPv6 the routers' common one (RFC 4291, 2.6.1), which this host has itself where it forwards.
    const last = block && family === "ipv4" ? [block.base | (0xffffffffn ^ block.mask)] : [];
    const edges = block && address.prefixLength < bits - 1 ? [block.base, ...last] : [];
    return [address.ip.value, ...edges].map((value) => renderIp({ family, value }));
  });
  const set = setOfBlocks(family, "lan", [...new Set(own.map(networkOf))], nobody);
  return { ...set, sample: { family, value: set.ranges[0]?.[0] ?? 0n } };
}

/** For `lan` and `internet`: undefined when this host has no such side. `destination`: the link that has it is preferred. */
export function outside(host: Space, which: "lan" | "internet", destination: IpAddress): Sender | undefined {
  const { family } = destination;
  if (which === "internet") {
    const link = uplink(host, family);
    return link && { origin: { kind: "behind", space: host, link }, source: internet(family), label: "internet" };
  }
  if (isLinkLocal(destination)) return sameLink(host, destination);
  const links = outerLinks(host, family);
  const owner = host.addresses.find((own) => own.ip.family === family && own.ip.value === destination.value)?.link;
  const usual = uplink(host, family)?.index;
  const link = links.find(({ index }) => index === owner) ?? links.find(({ index }) => index === usual) ?? links[0];
  return link && { origin: { kind: "behind", space: host, link }, source: neighboursOf(host, link, family), label: `lan (${link.name})` };
}

/** A link's own address that its neighbours may ask; undefined where no link has one and leads to other hosts. IPv6 without any other address. */
export function linkLocalOf(host: Space): IpAddress | undefined {
  return host.addresses.find(({ ip, link }) => isLinkLocal(ip) && leadsOut(host, link))?.ip;
}

const leadsOut = (host: Space, index: number): boolean =>
  host.links.some((link) => link.index === index && link.name !== "lo" && link.up && link.master === undefined && !isInner(host, link));

/** Neighbours of the link that has a link-local address (RFC 4291, 2.5.6). */
function sameLink(host: Space, destination: IpAddress): Sender | undefined {
  const own = host.addresses.find(
    ({ ip, link }) => ip.value === destination.value && ip.family === destination.family && leadsOut(host, link),
  );
  const link = own && host.links.find(({ index }) => index === own.link);
  if (!link) return undefined;
  const source = setOfBlocks("ipv6", "lan", ["fe80::/64"], [renderIp(destination)]);
  return { origin: { kind: "behind", space: host, link }, source, label: `lan (${link.name})` };
}

/** Addresses of a network that no other host sends from: this host's own, the network's and its broadcast address. */
function notOthers(host: Space, { family, base, mask }: AddressBlock): readonly string[] {
  const own = host.addresses.flatMap(({ ip }) => (ip.family === family ? [ip.value] : []));
  const edges = family === "ipv4" ? [base, base | (0xffffffffn ^ mask)] : [base];
  return [...new Set([...own, ...edges])].map((value) => renderIp({ family, value }));
}

/** An address or a network. One that a namespace has itself sends from there; others come in by the link that leads to them. */
export function senderOfNetwork(world: World, host: Space, text: string): Sender {
  const block = parseBlock(text);
  if (!block || block.prefixLength === undefined)
    throw new TsnsError("invalid", "bad-network", `"${text}" is no address and no network`, {
      hint: "write it like 10.1.2.3 or 10.1.2.0/24",
    });
  const set = setOfBlocks(
    block.family,
    text,
    [text],
    block.prefixLength < (block.family === "ipv4" ? 31 : 127) ? notOthers(host, block) : [],
  );
  const only = onlyAddress(set);
  const owner =
    only &&
    [...world.spaces.values()].find((space) => space.addresses.some((own) => own.ip.family === only.family && own.ip.value === only.value));
  if (only && owner) return { origin: { kind: "inside", space: owner }, source: setOfAddress(only), label: `${text} (${owner.label})` };
  const route = host.route({ destination: set.sample, mark: 0 });
  const link = route.kind === "unicast" ? linkByName(host, route.link) : undefined;
  if (!link)
    throw new TsnsError("not-found", "no-route", `this host has no route to ${text}, so nothing from there can reach it and be answered`, {
      hint: "tsns net route lists routes",
    });
  return { origin: { kind: "behind", space: host, link }, source: only ? setOfAddress(only) : set, label: `${text} (behind ${link.name})` };
}

/** A destination as it is written: `10.1.2.3:80`, `[fd00::1]:80`, `name:80/udp`, `name`. */
export interface WrittenTarget {
  readonly host: string;
  readonly port?: number;
  readonly protocol?: TracedProtocol;
}

/** Throws TsnsError invalid `bad-target` with exit code 2. */
export function parseTargetText(text: string): WrittenTarget {
  const [, written = text, ending] = /^(.*)\/(tcp|udp)$/.exec(text) ?? [];
  const match =
    /^\[([^\]]+)\](?::(\d+))?$/.exec(written) ??
    /^([^:[\]]+)(?::(\d+))?$/.exec(written) ??
    (parseIp(written) ? [written, written, undefined] : undefined);
  const port = match?.[2] === undefined ? undefined : Number(match[2]);
  if (!match || (port !== undefined && (port < 1 || port > 65535)))
    throw new TsnsError("invalid", "bad-target", `"${text}" is no HOST:PORT and no CONTAINER[:PORT]`, {
      hint: "write it like 10.1.2.3:80, [fd00::1]:80, web:80 or web:53/udp",
      exitCode: 2,
    });
  const protocol = ending as TracedProtocol | undefined;
  return { host: match[1] ?? "", ...(port === undefined ? {} : { port }), ...(protocol === undefined ? {} : { protocol }) };
}
