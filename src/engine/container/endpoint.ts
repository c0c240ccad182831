// A container's place on its network: address, ports and link, chosen against the leases; and the plan that makes it.
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { readLinkIndex } from "../../kernel/netlink/sysfs.ts";
import { portHolder } from "../../kernel/network/port.ts";
import { parseAddress, parseSubnet, renderAddress } from "../../network/address.ts";
import { macOfAddress } from "../../network/mac.ts";
import { hostLinkName, namesOfBridge } from "../../network/name.ts";
import { planEndpoint, planLoopback } from "../../network/plan.ts";
import { nextAddress } from "../../network/pool.ts";
import type { Endpoint, PortSpec } from "../../network/spec.ts";
import type { Operation } from "../../plan/operation.ts";
import type { Plan } from "../../plan/plan.ts";
import { listAddressLeases, listPortLeases, type PortLease } from "../../store/lease.ts";
import type { NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";

/** Chooses address and host ports; call inside the transaction that takes the leases. */
export function chooseEndpoint(engine: Engine, record: ContainerRecord, network: NetworkRecord, startedMs: number): Endpoint {
  const subnet = parseSubnet(network.spec.subnet);
  const leased = listAddressLeases(engine.store, network.spec.name).map((text) => parseAddress(text) ?? 0);
  const address = nextAddress(subnet, parseAddress(network.spec.gateway) ?? 0, new Set(leased), leased.at(-1));
  if (address === undefined) {
    throw new TsnsError("unavailable", "pool-exhausted", `network ${network.spec.name}: no free address in ${network.spec.subnet}`, {
      hint: "remove containers that are no longer needed",
      exitCode: 125,
    });
  }
  return {
    network: network.spec.name,
    address: renderAddress(address),
    prefixLength: subnet.prefixLength,
    gateway: network.spec.gateway,
    mac: macOfAddress(address),
    hostLink: hostLinkName(record.id, startedMs),
    ports: record.spec.ports.length > 0 ? choosePorts(engine, record) : [],
  };
}

const ephemeralPorts = { first: 32_768, last: 60_999 };

/** Gives each published port its host port. Throws conflict naming who has a port that was asked for. */
function choosePorts(engine: Engine, record: ContainerRecord): PortSpec[] {
  const leases = listPortLeases(engine.store);
  const chosen: PortSpec[] = [];
  for (const port of record.spec.ports) {
    const asked = port.hostPort !== 0;
    const hostPort = asked ? port.hostPort : freePort(port, leases);
    const holder = asked ? holderOf(engine, { ...port, hostPort }, leases) : undefined;
    if (holder) {
      throw new TsnsError(
        "conflict",
        "port-taken",
        `cannot publish ${port.hostIp}:${hostPort}/${port.protocol}: the port is already allocated by ${holder}`,
        {
          hint: "choose another host port, or leave it out to get a free one",
          exitCode: 125,
        },
      );
    }
    chosen.push({ ...port, hostPort });
    leases.push({ protocol: port.protocol, hostIp: port.hostIp, hostPort, container: record.id });
  }
  return chosen;
}

const sameAddress = (a: string, b: string) => a === b || a === "0.0.0.0" || b === "0.0.0.0" || a === "" || b === "";

function leaseOn(port: PortSpec, leases: readonly PortLease[]): PortLease | undefined {
  return leases.find(
    (lease) => lease.protocol === port.protocol && lease.hostPort === port.hostPort && sameAddress(lease.hostIp, port.hostIp),
  );
}

function holderOf(engine: Engine, port: PortSpec, leases: readonly PortLease[]): string | undefined {
  const lease = leaseOn(port, leases);
  if (lease) {
    const row = engine.store.get("SELECT name FROM container WHERE id = ?", lease.container);
    return `container ${row ? String(row.name) : lease.container.slice(0, 12)}`;
  }
  const process = portHolder(port.protocol, port.hostIp, port.hostPort);
  return process && `process ${process.command} (pid ${process.pid})`;
}

/** A pseudo-random start spreads parallel starts of different data roots; the leases make it certain within one. */
function freePort(port: PortSpec, leases: readonly PortLease[]): number {
  const count = ephemeralPorts.last - ephemeralPorts.first + 1;
  const begin = Math.floor(Math.random() * count);
  for (let tried = 0; tried < count; tried++) {
    const hostPort = ephemeralPorts.first + ((begin + tried) % count);
    if (!leaseOn({ ...port, hostPort }, leases) && !portHolder(port.protocol, port.hostIp, hostPort)) return hostPort;
  }
  throw new TsnsError("unavailable", "no-free-port", `no free host port for ${port.containerPort}/${port.protocol}`, { exitCode: 125 });
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
      ownPidNamespace: record.spec.pid.mode === "private",
    });
  }
  if (record.spec.network.mode === "none") return { plan: { steps: [] }, ...planLoopback() };
  return { plan: { steps: [] }, monitor: [], init: [] };
}
