// The world a trace looks at, with the names that containers and processes have.

import { lazily } from "../../base/lazy.ts";
import { readWorld, type SeenSpace, type SeenWorld, spaceOfInode } from "../../kernel/network/space.ts";
import { readNamespaceInode } from "../../kernel/proc/namespace.ts";
import { renderOwner } from "../../namespace/owner.ts";
import { type IpAddress, parseIp, renderIp } from "../../network/ip.ts";
import { loopbackSource } from "../../network/loopback-return.ts";
import { portRelayPort, relayAddressOf } from "../../network/port-relay.ts";
import type { Endpoint } from "../../network/spec.ts";
import { ownAddresses } from "../../network/spoof.ts";
import type { TracedProtocol } from "../../network/trace/packet.ts";
import type { RelayTarget, SpaceLink } from "../../network/trace/space.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { listNetworks } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { listStored } from "../look.ts";
import { type Owners, openOwners } from "../owner.ts";

export interface NamedWorld extends SeenWorld {
  readonly owners: Owners;
}

type LinkFilters = Pick<SpaceLink, "admits" | "apart" | "toLoopback">;

/** What the filters at the host's ends of containers' links do (src/network/host-end.ts), by the link's name. */
function readFilters(engine: Engine): ReadonlyMap<string, LinkFilters> {
  const toLoopback = parseIp(loopbackSource);
  const apart = new Set(listStored(engine, listNetworks).flatMap(({ spec }) => (spec.icc === false ? [spec.name] : [])));
  return new Map(
    listStored(engine, listContainerRecords).flatMap(({ spec, run }) =>
      (run?.endpoints ?? []).map((endpoint): readonly [string, LinkFilters] => {
        const asked = spec.attachments.find(({ network }) => network === endpoint.network)?.linkLocal;
        const isFree = spec.privileged || spec.spoofing === "allowed";
        return [
          endpoint.hostLink,
          {
            ...(isFree ? {} : { admits: admittedFrom(endpoint, asked) }),
            ...(apart.has(endpoint.network) ? { apart: true } : {}),
            ...(endpoint.ipv6 && toLoopback ? { toLoopback } : {}),
          },
        ];
      }),
    ),
  );
}

/** What a monitor that listens on this address does with what was asked for. */
function relayedPort(engine: Engine, address: string, protocol: TracedProtocol, asked: RelayTarget): RelayTarget | undefined {
  const text = renderIp(asked.ip);
  const endpoints = listStored(engine, listContainerRecords).flatMap(({ run }) => run?.endpoints ?? []);
  const endpoint = endpoints.find((one) => relayAddressOf(one) === address);
  const port = endpoint?.ports.find(
    ({ hostIp, hostPort, ...other }) => (hostIp === "::" || hostIp === text) && hostPort === asked.port && other.protocol === protocol,
  );
  const ip = endpoint?.ipv4 && parseIp(endpoint.ipv4.address);
  return port && ip ? { ip, port: port.containerPort } : undefined;
}

function admittedFrom(endpoint: Endpoint, asked: readonly string[] | undefined): readonly IpAddress[] {
  const { ipv4, ipv6 } = ownAddresses(endpoint, asked);
  return [
    ...ipv4.map((value): IpAddress => ({ family: "ipv4", value: BigInt(value) })),
    ...ipv6.map((value): IpAddress => ({ family: "ipv6", value })),
  ];
}

/** Every network namespace that can be entered, by name. */
export function openWorld(engine: Engine): NamedWorld {
  const owners = openOwners(engine);
  const filters = lazily(() => readFilters(engine));
  const world = readWorld({
    filtersOf: (link) => filters().get(link),
    relayed: ({ address, port }, protocol, asked) =>
      port === portRelayPort ? relayedPort(engine, renderIp(address), protocol, asked) : undefined,
    ofSpace(inode, pid, path) {
      if (pid === 0) return `namespace ${path.startsWith("/proc/") ? inode : path.slice(path.lastIndexOf("/") + 1)}`;
      const owner = owners.ofNamespace("net", inode);
      if (!owner) return `process ${pid}`;
      return owner.engine === "tsns" ? `container ${owner.name}` : renderOwner(owner);
    },
    ofProcess(pid) {
      const owner = owners.ofPid(pid);
      if (owner?.engine === "tsns") return `container ${owner.name}`;
      // What works for a container is no process of it: the container's own program may not even listen.
      const servant = owner && owner.engine !== "other" && readNamespaceInode(pid, "net") === readNamespaceInode("self", "net");
      return owner && `${servant ? `${owners.commandOf(pid)} (pid ${pid}) of ` : ""}${renderOwner(owner)}`;
    },
  });
  return { ...world, owners };
}

/** The network namespace of a running container of any engine. */
export function spaceOfContainer(world: NamedWorld, reference: string): SeenSpace | undefined {
  const container = world.owners.findContainer(reference);
  const inode = container && readNamespaceInode(container.pid, "net");
  return inode === undefined ? undefined : spaceOfInode(world, inode);
}
