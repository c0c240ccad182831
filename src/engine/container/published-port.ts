// Which host port each published port of a container gets, chosen against leases and listening processes.
import { TsnsError } from "../../base/error.ts";
import { isOwnAddress } from "../../kernel/network/place.ts";
import { portHolder } from "../../kernel/network/port.ts";
import { assignPorts, dynamicRange, portsConflict, portTaken } from "../../network/port.ts";
import type { PortSpec, Protocol } from "../../network/spec.ts";
import { listPortLeases, type PortLease } from "../../store/lease.ts";
import type { Engine } from "../engine.ts";
import { openOwners, renderContainerOf } from "../owner.ts";

/** Gives each published port its host port, one of any number the one it had in `previous`. Throws conflict naming who has a port that was asked for. */
export function choosePorts(engine: Engine, ports: readonly PortSpec[], previous: readonly PortSpec[] = []): readonly PortSpec[] {
  if (ports.length === 0) return [];
  const leases = listPortLeases(engine.store);
  const leaseOn = (port: PortSpec) =>
    leases.find((lease) =>
      portsConflict({ ...port, protocol: lease.protocol as Protocol, hostIp: lease.hostIp, hostPort: lease.hostPort }, port),
    );
  for (const port of ports) {
    if (!/^(0\.0\.0\.0|127\..*|)$/.test(port.hostIp) && !isOwnAddress(port.hostIp)) throw notOwnAddress(port);
    if (port.hostPort === 0 || port.hostPortEnd !== undefined) continue;
    const lease = leaseOn(port);
    if (lease) throw portTaken(port, holderName(engine, lease));
    const holder = portHolder(port.protocol, port.hostIp, port.hostPort);
    if (holder) throw portTaken(port, `process ${holder.command} (pid ${holder.pid})${renderContainerOf(openOwners(engine), holder.pid)}`);
  }
  const taken = (port: PortSpec) => leaseOn(port) !== undefined || portHolder(port.protocol, port.hostIp, port.hostPort) !== undefined;
  // Starting anywhere spreads the parallel starts of different data roots; the leases make it certain within one.
  const [first, last] = dynamicRange;
  const kept = ports.map((port, at) => {
    const before = previous[at];
    const isSame = before?.containerPort === port.containerPort && before.protocol === port.protocol && before.hostIp === port.hostIp;
    return port.hostPort === 0 && isSame && !taken(before) ? { ...port, hostPort: before.hostPort } : port;
  });
  return assignPorts(kept, taken, first + Math.floor(Math.random() * (last - first)));
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
