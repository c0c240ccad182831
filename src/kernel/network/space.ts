// Every network namespace that can be seen, as a trace asks about them: links and addresses at once, by one process; rules, sockets and
// routes when they are asked for. Enters namespaces through the native helper only, changes nothing.
import { isErrno } from "../../base/error.ts";
import type { LinkDetail } from "../../network/link-detail.ts";
import { nameServerAddress, relayPort } from "../../network/name-relay.ts";
import { parseIp, renderIp } from "../../network/rule/address.ts";
import type { TracedProtocol } from "../../network/trace/packet.ts";
import type { Listener, RelayTarget, RouteAnswer, Space, SpaceAddress, SpaceLink } from "../../network/trace/space.ts";
import { namespaceIdRequest, parseNamespaceId } from "../netlink/namespace.ts";
import { tryExchangesIn } from "../netlink/relay.ts";
import { hasNetAdmin } from "../proc/capability.ts";
import { readSocketOwners } from "../proc/descriptor.ts";
import { listPids, readNamespaceInode } from "../proc/namespace.ts";
import { addHeldNamespaces, scanNamespaces } from "../proc/namespace-scan.ts";
import { parseProxyTarget, readArguments } from "../proc/supervisor.ts";
import { type LinkTable, readLinkTables } from "./link-table.ts";
import type { NamespacePlace } from "./net-file.ts";
import { readListeners } from "./socket.ts";
import { openNeighbours } from "./space-neighbour.ts";
import { askRoute } from "./space-route.ts";
import { openRules } from "./space-rule.ts";
import { openSysctls } from "./space-sysctl.ts";

export interface SeenSpace extends Space {
  readonly inode: number;
  /** A process in it; 0 for none. */
  readonly pid: number;
  /** Its file; absent for this process's own. */
  readonly path?: string;
}

export interface SeenWorld {
  readonly spaces: ReadonlyMap<string, SeenSpace>;
  /** The namespace this process is in. */
  readonly host: SeenSpace;
}

/** What a namespace and a process are called. */
export interface SpaceNames {
  /** `path`: its file. */
  ofSpace(inode: number, pid: number, path: string): string;
  ofProcess(pid: number): string | undefined;
  /** Where a container's monitor passes on what was asked for; undefined for other sockets. */
  relayed?(listener: Listener, protocol: TracedProtocol, asked: RelayTarget): RelayTarget | undefined;
  /** What filters on a link of this namespace do; undefined where there are none. */
  filtersOf?(link: string): Pick<SpaceLink, "admits" | "toLoopback"> | undefined;
}

interface Found extends NamespacePlace {
  readonly id: string;
  readonly inode: number;
  readonly table: LinkTable;
}

/** All namespaces that can be entered; the first is this process's own. */
export function readWorld(names: SpaceNames): SeenWorld {
  const own = readNamespaceInode("self", "net") ?? 0;
  const pids = listPids();
  const scanned = scanNamespaces(["net"], pids);
  addHeldNamespaces(scanned, ["net"], pids);
  const others = [...scanned.values()].filter(({ inode }) => inode !== own);
  const tables = readLinkTables(["", ...others.map(({ path }) => path)]);
  const places: (NamespacePlace & { readonly inode: number })[] = [
    { inode: own, pid: process.pid },
    ...others.map(({ inode, pid, path, holder }) => ({ inode, path, pid: holder === "process" ? pid : 0 })),
  ];
  const found = places.flatMap((place, at): Found[] => {
    const table = tables[at];
    return table ? [{ ...place, id: `net:[${place.inode}]`, table }] : [];
  });
  const spaces = new Map(found.map((one) => [one.id, openSpace(one, found, names)]));
  const host = spaces.get(`net:[${own}]`);
  if (!host) throw new Error("this process's own namespace was not read");
  return { spaces, host };
}

function openSpace(found: Found, all: readonly Found[], names: SpaceNames): SeenSpace {
  const { id, inode, pid, path, table } = found;
  const linkNames = new Map(table.links.map((link) => [link.index, link.name]));
  const rules = openRules(found);
  const sysctls = openSysctls(path);
  const neighbours = openNeighbours(path);
  const sockets = new Map<TracedProtocol, readonly Listener[] | undefined>();
  const routes = new Map<string, RouteAnswer>();
  /** Pids by inode; 0 for a socket whose process cannot be seen. */
  const owners = new Map<number, number>();
  /** 0 where no process can be seen. */
  function pidOf(listener: Listener): number {
    if (listener.inode === 0) return 0;
    // One pass over all descriptors for all sockets that are known by now.
    if (!owners.has(listener.inode)) {
      const wanted = new Set([...sockets.values()].flatMap((list) => (list ?? []).map(({ inode: socket }) => socket)));
      const seen = readSocketOwners(wanted.add(listener.inode));
      for (const socket of wanted) owners.set(socket, seen.get(socket) ?? 0);
    }
    return owners.get(listener.inode) ?? 0;
  }
  return {
    id,
    inode,
    pid,
    ...(path === undefined ? {} : { path, reference: pid === 0 ? path : `${pid}` }),
    label: path === undefined ? "host" : names.ofSpace(inode, pid, path),
    links: table.links.map((link) => ({ ...linkOf(link, found, all), ...(path === undefined ? names.filtersOf?.(link.name) : {}) })),
    addresses: table.addresses.flatMap((address): SpaceAddress[] => {
      const ip = parseIp(address.address);
      return ip ? [{ link: address.linkIndex, ip, prefixLength: address.prefixLength }] : [];
    }),
    tables: (family) => rules.tables(family),
    get foreignTables() {
      return rules.foreignTables;
    },
    sysctl: (key) => sysctls(key),
    route(query) {
      const key = [query.destination.value, query.source?.value, query.in, query.mark, query.destination.family].join(" ");
      const known = routes.get(key) ?? askRoute(query, linkNames, path);
      routes.set(key, known);
      return known;
    },
    listeners(protocol) {
      if (!sockets.has(protocol)) sockets.set(protocol, readListeners(found, protocol));
      return sockets.get(protocol);
    },
    ownerOf: (listener) => {
      const pid = pidOf(listener);
      return pid === 0 ? undefined : names.ofProcess(pid);
    },
    relayedPort: (ip, port) => (port === 53 && renderIp(ip) === nameServerAddress && rules.relaysNames ? relayPort : undefined),
    relayOf(listener, protocol, asked) {
      const relayed = path === undefined && asked ? names.relayed?.(listener, protocol, asked) : undefined;
      if (relayed) return relayed;
      const pid = pidOf(listener);
      const target = pid === 0 ? undefined : parseProxyTarget(readArguments(pid));
      const ip = target && parseIp(target.address);
      return ip && { ip, port: target.port };
    },
    learnedPort(bridge, ip) {
      const port = neighbours(bridge.index, ip);
      const link = port === undefined ? undefined : table.links.find(({ index }) => index === port);
      return link && linkOf(link, found, all);
    },
  };
}

function linkOf(link: LinkDetail, found: Found, all: readonly Found[]): SpaceLink {
  const peer = link.kind === "veth" ? peerOf(link, found, all) : undefined;
  return {
    index: link.index,
    name: link.name,
    kind: link.kind,
    up: link.up,
    ...(link.master === undefined ? {} : { master: link.master }),
    ...(link.port
      ? { port: { forwarding: link.port.state === "forwarding", hairpin: link.port.hairpin, isolated: link.port.isolated } }
      : {}),
    ...(peer ? { peer } : {}),
  };
}

/** The other end of a pair: each end names the other's index; where several would fit, the kernel's ids of namespaces decide. */
function peerOf(link: LinkDetail, found: Found, all: readonly Found[]): SpaceLink["peer"] {
  const index = link.peerIndex;
  if (index === undefined) return undefined;
  if (link.peerNamespaceId === undefined && !link.peerElsewhere) return { space: found.id, index };
  const fits = all.filter(
    (other) =>
      other.inode !== found.inode &&
      other.table.links.some((end) => end.index === index && end.kind === "veth" && end.peerIndex === link.index && end.peerElsewhere),
  );
  if (fits.length < 2) return fits[0] && { space: fits[0].id, index };
  if (link.peerNamespaceId === undefined) return undefined;
  const sure = fits.find((other) => other.pid !== 0 && readNamespaceId(other.pid, found.path) === link.peerNamespaceId);
  return sure && { space: sure.id, index };
}

/** The id that a namespace has for another one, by a process in that. */
function readNamespaceId(pid: number, namespacePath: string | undefined): number | undefined {
  const [answers] = tryExchangesIn([namespacePath ?? ""], [namespaceIdRequest({ pid })]);
  return parseNamespaceId(answers?.[0]?.replies ?? []);
}

/** The namespace a process is in, in a world that has been read. */
export function spaceOfInode(world: SeenWorld, inode: number): SeenSpace | undefined {
  return world.spaces.get(`net:[${inode}]`);
}

/** Whether this process may see everything a trace asks for. */
export function maySeeRules(): boolean {
  try {
    return hasNetAdmin();
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}
