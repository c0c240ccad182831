// Tracked connections with the containers and processes at their ends, and the removal of those that lead nowhere.
import { TsnsError } from "../../base/error.ts";
import { readFlows } from "../../kernel/network/conntrack.ts";
import { readSocketRows } from "../../kernel/network/socket.ts";
import type { SeenSpace } from "../../kernel/network/space.ts";
import { readSocketOwners } from "../../kernel/proc/descriptor.ts";
import type { SocketRow } from "../../kernel/proc/inet-socket.ts";
import { type Flow, sameIp } from "../../network/flow/flow.ts";
import { deadAddress, type Population, planFlush } from "../../network/flow/plan.ts";
import { type FlowRules, rulesOfFlow } from "../../network/flow/view.ts";
import { type IpAddress, parseBlock, renderIp } from "../../network/rule/match.ts";
import { isLoopback, setOfAddress } from "../../network/trace/address-set.ts";
import type { SpaceLink } from "../../network/trace/space.ts";
import type { Engine } from "../engine.ts";
import { requireSight } from "./trace.ts";
import { type NamedWorld, openWorld, spaceOfContainer } from "./trace-world.ts";

export interface FlowView {
  readonly flow: Flow;
  /** Who began it: a container, "host", or empty for somebody elsewhere. */
  readonly client: string;
  /** Who answers, likewise. */
  readonly server: string;
  /** The process of the server's socket; empty where it cannot be told. */
  readonly program: string;
  readonly rules: FlowRules;
  /** An address of it that nobody has. */
  readonly dead?: IpAddress;
}

/** Connections of this host, or those of one container. Throws TsnsError denied, unsupported, not-found. */
export function listFlows(engine: Engine, container?: string): readonly FlowView[] {
  requireSight("list connections");
  const world = openWorld(engine);
  const only = container === undefined ? undefined : requireContainer(world, container);
  return viewsOf(world, only);
}

/** Removes what leads to an address nobody has; returns the views of it. */
export async function flushStale(engine: Engine, container?: string): Promise<readonly FlowView[]> {
  const stale = listFlows(engine, container).flatMap((view) => (view.dead ? [{ view, flow: view.flow, dead: view.dead }] : []));
  const plan = planFlush(stale);
  if (engine.show(plan)) return [];
  await engine.apply(plan);
  return stale.map(({ view }) => view);
}

function requireContainer(world: NamedWorld, name: string): SeenSpace {
  const space = spaceOfContainer(world, name);
  if (!space) throw new TsnsError("not-found", "no-such-container", `no running container ${name}`, { hint: "tsns ps lists containers" });
  if (space === world.host)
    throw new TsnsError("invalid", "host-network", `container ${name} is in the host's network`, { hint: "list all: tsns net flows" });
  return space;
}

const has = (space: SeenSpace, ip: IpAddress): boolean => space.addresses.some((own) => sameIp(own.ip, ip));

function viewsOf(world: NamedWorld, only: SeenSpace | undefined): readonly FlowView[] {
  const population = populationOf(world);
  const spaces = [...world.spaces.values()];
  const spaceOf = (ip: IpAddress): SeenSpace | undefined => (has(world.host, ip) ? world.host : spaces.find((space) => has(space, ip)));
  const flows = readFlows(world.host).filter(
    ({ original, reply }) =>
      // Every namespace has a loopback address: it tells nothing of whose a connection is.
      !only || [original.source, original.destination, reply.source].some((ip) => !isLoopback(setOfAddress(ip)) && has(only, ip)),
  );
  const found = flows.map((flow) => ({ flow, client: spaceOf(flow.original.source), server: spaceOf(flow.reply.source) }));
  const processes = processesOf(world, found);
  return found.map(({ flow, client, server }, at) => {
    const dead = deadAddress(flow, population);
    return {
      flow,
      client: client?.label ?? "",
      server: server?.label ?? "",
      program: processes[at] ?? "",
      rules: rulesOfFlow(world.host, flow),
      ...(dead ? { dead } : {}),
    };
  });
}

/** The process behind the answering socket of each flow; descriptors are searched once for all. */
function processesOf(
  world: NamedWorld,
  found: readonly { readonly flow: Flow; readonly server: SeenSpace | undefined }[],
): readonly string[] {
  const tables = new Map<string, readonly SocketRow[]>();
  const inodes = found.map(({ flow, server }) => {
    if (!server || (flow.protocol !== "tcp" && flow.protocol !== "udp")) return 0;
    if (server.path !== undefined && server.pid === 0) return 0;
    const key = `${server.id} ${flow.protocol}`;
    const rows = tables.get(key) ?? readSocketRows(server, flow.protocol);
    tables.set(key, rows);
    return socketOf(rows, flow)?.inode ?? 0;
  });
  const owners = readSocketOwners(new Set(inodes.filter((inode) => inode !== 0)));
  return inodes.map((inode) => {
    const pid = owners.get(inode);
    if (pid === undefined) return "";
    const name = world.owners.ofPid(pid);
    return name?.engine === "other" ? `${name.name} (pid ${pid})` : `${world.owners.commandOf(pid) || "?"} (pid ${pid})`;
  });
}

/** The connected socket, else the one that listens. */
function socketOf(rows: readonly SocketRow[], { reply }: Flow): SocketRow | undefined {
  const mine = rows.filter(({ localPort, local }) => localPort === reply.sourcePort && (local.value === 0n || sameIp(local, reply.source)));
  const connected = mine.find(({ remote, remotePort }) => remotePort === reply.destinationPort && sameIp(remote, reply.destination));
  return connected ?? mine.find(({ remotePort }) => remotePort === 0);
}

/** Networks of bridges, and of pairs without one, behind which nothing but namespaces is that could be read. */
function populationOf({ host, spaces }: NamedWorld): Population {
  // An end that is a port itself leads to whatever else its bridge has.
  const endsThere = ({ peer }: SpaceLink) =>
    peer !== undefined && spaces.get(peer.space)?.links.some(({ index, master }) => index === peer.index && master === undefined);
  const clear = host.links.filter((link) =>
    link.kind === "bridge"
      ? host.links.filter(({ master }) => master === link.index).every(({ peer }) => peer !== undefined)
      : link.master === undefined && endsThere(link),
  );
  const networks = clear.flatMap(({ index, name }) =>
    host.addresses
      .filter(({ link }) => link === index)
      .flatMap(({ ip, prefixLength }) => {
        const block = parseBlock(`${renderIp(ip)}/${prefixLength}`);
        return block ? [{ family: block.family, base: block.base, mask: block.mask, link: name }] : [];
      }),
  );
  return { networks, isTaken: (ip) => [...spaces.values()].some((space) => has(space, ip)) };
}
