// Worlds for tests of traces: namespaces as plain values, with a router that knows connected networks and a default route.
import { parseRuleSet } from "../../../src/kernel/iptables/index.ts";
import { type IpAddress, parseBlock, parseIp } from "../../../src/network/rule/address.ts";
import type { TracedProtocol } from "../../../src/network/trace/packet.ts";
import { isLocalTo, type Listener, type Space, type SpaceLink, type World } from "../../../src/network/trace/space.ts";
import { prepareTable } from "../../../src/network/trace/table.ts";

export interface SpaceInput {
  readonly id: string;
  readonly links: readonly SpaceLink[];
  /** By link name: "10.0.0.1/24". */
  readonly addresses: Readonly<Record<string, string>>;
  readonly gateway?: string;
  /** What iptables-save prints. */
  readonly rules?: string;
  readonly sysctls?: Readonly<Record<string, string>>;
  /** "tcp 0.0.0.0:80" */
  readonly listeners?: readonly string[];
}

export const ip = (text: string): IpAddress => {
  const address = parseIp(text);
  if (!address) throw new Error(`${text} is no address`);
  return address;
};

function listenersOf(texts: readonly string[], protocol: TracedProtocol): readonly Listener[] {
  return texts.flatMap((text, at) => {
    const [which, where = ""] = text.split(" ");
    const colon = where.lastIndexOf(":");
    return which === protocol ? [{ address: ip(where.slice(0, colon)), port: Number(where.slice(colon + 1)), inode: at + 1 }] : [];
  });
}

export function makeSpace(input: SpaceInput): Space {
  const { id, links, gateway, sysctls = {}, listeners = [] } = input;
  const addresses = Object.entries(input.addresses).map(([link, text]) => {
    const [address = "", prefix = "32"] = text.split("/");
    return { link: links.find(({ name }) => name === link)?.index ?? 0, ip: ip(address), prefixLength: Number(prefix) };
  });
  const tables = parseRuleSet(input.rules ?? "").tables.map((table) => prepareTable(table, "ipv4", ""));
  const connected = (to: IpAddress) =>
    Object.entries(input.addresses).find(([, text]) => {
      const block = parseBlock(text);
      return block && block.family === to.family && (to.value & block.mask) === block.base;
    })?.[0];
  const space: Space = {
    id,
    label: id,
    ...(id === "host" ? {} : { reference: "4711" }),
    links,
    addresses,
    tables: (family) => (family === "ipv4" ? tables : []),
    foreignTables: [],
    sysctl: (key) => sysctls[key],
    listeners: (protocol) => listenersOf(listeners, protocol),
    ownerOf: () => undefined,
    learnedPort: () => undefined,
    route({ destination, in: inLink }) {
      if (isLocalTo(space, destination)) return { kind: "local" };
      if (inLink !== undefined && sysctls["net.ipv4.ip_forward"] === "0") return { kind: "refused", errno: "EHOSTUNREACH" };
      const link = connected(destination);
      const source = (name: string) => addresses.find((own) => own.link === links.find((other) => other.name === name)?.index)?.ip;
      const from = (name: string) => {
        const own = source(name);
        return own ? { source: own } : {};
      };
      if (link) return { kind: "unicast", link, ...from(link) };
      const by = gateway === undefined ? undefined : connected(ip(gateway));
      return by && gateway ? { kind: "unicast", link: by, gateway: ip(gateway), ...from(by) } : { kind: "refused", errno: "ENETUNREACH" };
    },
  };
  return space;
}

export const loopback: SpaceLink = { index: 1, name: "lo", kind: "", up: true };

/** A host with eth0 on a LAN, and one bridge with one container at 172.17.0.2 or whatever is given. */
export function makeWorld(options: {
  readonly rules: string;
  readonly bridge: string;
  readonly gateway: string;
  readonly container: string;
  readonly listeners?: readonly string[];
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Of the container's own namespace. */
  readonly ownRules?: string;
}): { readonly world: World; readonly host: Space } {
  const prefix = 16;
  const host = makeSpace({
    id: "host",
    links: [
      loopback,
      { index: 2, name: "eth0", kind: "", up: true },
      { index: 3, name: options.bridge, kind: "bridge", up: true },
      {
        index: 4,
        name: "veth0",
        kind: "veth",
        up: true,
        master: 3,
        port: { forwarding: true, hairpin: false, isolated: false },
        peer: { space: "web", index: 2 },
      },
    ],
    addresses: { eth0: "192.0.2.10/24", [options.bridge]: `${options.gateway}/${prefix}` },
    gateway: "192.0.2.1",
    rules: options.rules,
    sysctls: { "net.ipv4.ip_forward": "1", ...options.sysctls },
  });
  const web = makeSpace({
    id: "web",
    links: [loopback, { index: 2, name: "eth0", kind: "veth", up: true, peer: { space: "host", index: 4 } }],
    addresses: { eth0: `${options.container}/${prefix}` },
    gateway: options.gateway,
    ...(options.ownRules === undefined ? {} : { rules: options.ownRules }),
    listeners: options.listeners ?? ["tcp 0.0.0.0:80", "udp 0.0.0.0:53"],
  });
  return { world: { spaces: new Map([host, web].map((space) => [space.id, space])) }, host };
}
