// Which host port each published port of a container gets, chosen against leases, listening processes and other data roots.
import { TsnsError } from "../../base/error.ts";
import { isOwnAddress } from "../../kernel/network/place.ts";
import { openPortHolders } from "../../kernel/network/port.ts";
import { familyOfText } from "../../network/ip.ts";
import { assignPorts, bindPort, dynamicRange, hasFamily, type PublishedSide, portsConflict, portTaken } from "../../network/port.ts";
import type { PortSpec } from "../../network/spec.ts";
import { listPortLeases, type PortLease } from "../../store/lease.ts";
import type { Engine } from "../engine.ts";
import { openRootPorts } from "../network/root-port.ts";
import { openOwners, renderContainerOf } from "../owner.ts";

/**
 * Gives each published port its host port, one of any number the one it had in `previous`, and the addresses it is published on. Throws conflict
 * naming who has a port that was asked for, invalid for an address that no packet would come to, or that the container cannot be reached by.
 */
export function choosePorts(
  engine: Engine,
  ports: readonly PortSpec[],
  side: PublishedSide,
  previous: readonly PortSpec[] = [],
): readonly PortSpec[] {
  if (ports.length === 0) return [];
  const leases = Map.groupBy(listPortLeases(engine.store), ({ hostPort, protocol }) => `${hostPort}/${protocol}`);
  const { holderOf } = openPortHolders();
  const others = openRootPorts(engine);
  const leaseOn = (port: PortSpec) =>
    leases.get(`${port.hostPort}/${port.protocol}`)?.find(({ hostIp, hostPort }) => portsConflict({ ...port, hostIp, hostPort }, port));
  // One without an address is asked for on those it gets: another family's holder is in nobody's way.
  const sides = (port: PortSpec) => bindPort(port, side);
  const isHeld = (port: PortSpec) =>
    leaseOn(port) !== undefined || holderOf(port.protocol, port.hostIp, port.hostPort) !== undefined || others.holderOf(port) !== undefined;
  const isTaken = (port: PortSpec) => sides(port).some(isHeld);
  for (const port of ports) {
    refuseForeign(port, side);
    if (port.hostPort === 0 || port.hostPortEnd !== undefined) continue;
    for (const bound of sides(port)) {
      const lease = leaseOn(bound);
      if (lease) throw portTaken(bound, holderName(engine, lease));
      const holder = holderOf(bound.protocol, bound.hostIp, bound.hostPort);
      if (holder)
        throw portTaken(bound, `process ${holder.command} (pid ${holder.pid})${renderContainerOf(openOwners(engine), holder.pid)}`);
      const other = others.holderOf(bound);
      if (other !== undefined) throw portTaken(bound, other);
    }
  }
  // Starting anywhere spreads the parallel starts of different data roots; the leases make it certain within one.
  const [first, last] = dynamicRange;
  const kept = ports.map((port) => {
    const before = port.hostPort === 0 ? previous.find((other) => isAgain(port, other, side)) : undefined;
    const again = before && { ...port, hostPort: before.hostPort };
    return again && !isTaken(again) ? again : port;
  });
  return assignPorts(kept, isTaken, first + Math.floor(Math.random() * (last - first))).flatMap(sides);
}

/** The same port of the container, on the same addresses. */
const isAgain = (port: PortSpec, before: PortSpec, side: PublishedSide): boolean =>
  before.containerPort === port.containerPort &&
  before.protocol === port.protocol &&
  bindPort(port, side).some(({ hostIp }) => hostIp === before.hostIp);

const everywhere = /^(0\.0\.0\.0|127\..*|::|)$/;

function refuseForeign(port: PortSpec, side: PublishedSide): void {
  const { hostIp, containerPort, protocol } = port;
  if (!everywhere.test(hostIp) && !isOwnAddress(hostIp)) throw notOwnAddress(port);
  if (hostIp === "" || hasFamily(port, side, familyOfText(hostIp))) return;
  const family = hostIp.includes(":") ? "IPv6" : "IPv4";
  const why = side.relayed && family === "IPv6" ? `, and ${protocol} cannot be passed on to IPv4` : "";
  throw new TsnsError(
    "invalid",
    "family-missing",
    `cannot publish ${containerPort}/${protocol} on ${hostIp}: the container has no ${family} address${why}`,
    {
      hint: `run it on a network with ${family}, see tsns network create ${family === "IPv6" ? "--ipv6" : ""}`.trimEnd(),
      exitCode: 125,
    },
  );
}

/** Nobody would ever reach it: packets to it do not come to this host. */
function notOwnAddress({ hostIp, containerPort, protocol }: PortSpec): TsnsError {
  return new TsnsError("invalid", "foreign-address", `cannot publish ${containerPort}/${protocol} on ${hostIp}: no address of this host`, {
    hint: "tsns net addr ls lists them; leave it out for all of them",
    exitCode: 125,
  });
}

/** "container web"; "forward 3" for a lease of `net forward`. */
function holderName(engine: Engine, lease: PortLease): string {
  const forward = /^forward:(\d+)$/.exec(lease.container);
  if (forward) return `forward ${forward[1]}`;
  const row = engine.store.get("SELECT name FROM container WHERE id = ?", lease.container);
  return `container ${row ? String(row.name) : lease.container.slice(0, 12)}`;
}
