// A container's place on its network: address, ports and link, chosen against the leases; and the plan that makes it.
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import type { NetworkAttachment } from "../../container/spec/network.ts";
import { readLinkIndex } from "../../kernel/netlink/sysfs.ts";
import { isOwnAddress } from "../../kernel/network/place.ts";
import { portHolder } from "../../kernel/network/port.ts";
import { contains, lastOf, parseAddress, parseSubnet, renderAddress } from "../../network/address.ts";
import { portsToPublish } from "../../network/expose.ts";
import { macOfAddress } from "../../network/mac.ts";
import { hostLinkName, namesOfBridge } from "../../network/name.ts";
import { planEndpoint, planLoopback } from "../../network/plan.ts";
import { nextAddress } from "../../network/pool.ts";
import { assignPorts, dynamicRange, portsConflict, portTaken } from "../../network/port.ts";
import { type Endpoint, type NetworkPool, type PortSpec, type Protocol, poolOf } from "../../network/spec.ts";
import type { Operation } from "../../plan/operation.ts";
import type { Plan } from "../../plan/plan.ts";
import { listAddressLeases, listPortLeases, type PortLease } from "../../store/lease.ts";
import type { NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { openOwners, renderContainerOf } from "../owner.ts";

/** A network, what the container asks of it, and the name of its link inside. */
export interface EndpointRequest {
  readonly network: NetworkRecord;
  readonly attachment: NetworkAttachment;
  readonly link: string;
}

/** Chooses address and host ports; call inside the transaction that takes the leases. Of `previous` it has again what is still free. */
export function chooseEndpoint(
  engine: Engine,
  record: ContainerRecord,
  { network, attachment, link }: EndpointRequest,
  startedMs: number,
  previous?: Endpoint,
): Endpoint {
  const pool = poolOf(network.spec, "ipv4");
  if (!pool) throw new TsnsError("internal", "no-pool", `network ${network.spec.name} has no IPv4 subnet`);
  const subnet = parseSubnet(pool.subnet);
  const range = pool.ipRange === undefined ? subnet : parseSubnet(pool.ipRange);
  const leased = listAddressLeases(engine.store, network.spec.name).map((text) => parseAddress(text) ?? 0);
  const asked = attachment.ipv4;
  const before = previous?.network === network.spec.name ? parseAddress(previous.ipv4?.address ?? "") : undefined;
  const isFree = before !== undefined && contains(range, before) && !leased.includes(before) && previous?.ipv4?.address !== pool.gateway;
  const address =
    asked === undefined
      ? isFree
        ? before
        : nextAddress(subnet, parseAddress(pool.gateway ?? "") ?? 0, new Set(leased), leased.at(-1), range)
      : ownAddress(asked, network, pool, leased);
  if (address === undefined) {
    throw new TsnsError(
      "unavailable",
      "pool-exhausted",
      `network ${network.spec.name}: no free address in ${pool.ipRange ?? pool.subnet}`,
      {
        hint: "remove containers that are no longer needed",
        exitCode: 125,
      },
    );
  }
  return {
    network: network.spec.name,
    link,
    ipv4: {
      address: renderAddress(address),
      prefixLength: subnet.prefixLength,
      ...(pool.gateway === undefined ? {} : { gateway: pool.gateway }),
    },
    mac: attachment.mac ?? macOfAddress(address),
    hostLink: hostLinkName(record.id, startedMs),
    ports: network.spec.internal ? [] : choosePorts(engine, portsToPublish(record.spec), previous?.ports),
  };
}

/** The address --ip asks for. Throws invalid outside of the network, conflict when another container has it. */
function ownAddress(text: string, { spec }: NetworkRecord, pool: NetworkPool, leased: readonly number[]): number {
  const subnet = parseSubnet(pool.subnet);
  const address = parseAddress(text) ?? 0;
  if (!contains(subnet, address) || address === subnet.base || address === lastOf(subnet)) {
    throw new TsnsError("invalid", "foreign-address", `Invalid address ${text}: It does not belong to any of this network's subnets`, {
      hint: `network ${spec.name} has ${pool.subnet}`,
      exitCode: 125,
    });
  }
  if (!leased.includes(address) && text !== pool.gateway) return address;
  throw new TsnsError("conflict", "address-taken", `network ${spec.name}: Address already in use: ${text}`, {
    hint: "choose another, or remove the container that has it",
    exitCode: 125,
  });
}

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

export interface Networking {
  readonly plan: Plan;
  readonly monitor: readonly Operation[];
  readonly init: readonly Operation[];
}

/** The steps on the host and the operations inside. */
export function planNetworking(record: ContainerRecord, network: NetworkRecord | undefined, endpoint: Endpoint | undefined): Networking {
  if (network && endpoint) {
    return planEndpoint({
      network: network.spec,
      endpoint,
      owner: record.id.slice(0, 12),
      names: namesOfBridge(network.spec.bridge),
      bridgeIndex: readLinkIndex(network.spec.bridge) ?? 0,
      ownUserNamespace: record.spec.userNamespace !== undefined,
    });
  }
  if (record.spec.network.mode === "none") return { plan: { steps: [] }, ...planLoopback() };
  return { plan: { steps: [] }, monitor: [], init: [] };
}
