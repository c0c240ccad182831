// A container's place on its network: address, ports and link, chosen against the leases; and the plan that makes it.
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import type { NetworkAttachment } from "../../container/spec/network.ts";
import type { ContainerSpec } from "../../container/spec.ts";
import { readLinkIndex } from "../../kernel/netlink/sysfs.ts";
import { contains, lastOf, parseAddress, parseSubnet, renderAddress } from "../../network/address.ts";
import { planEndpoint, planLoopback } from "../../network/endpoint-plan.ts";
import { portsToPublish } from "../../network/expose.ts";
import type { HostEnd } from "../../network/host-end.ts";
import { macOfAddress } from "../../network/mac.ts";
import { hostLinkName, namesOfBridge } from "../../network/name.ts";
import { nextAddress } from "../../network/pool.ts";
import { type Endpoint, type NetworkPool, poolOf } from "../../network/spec.ts";
import type { Operation } from "../../plan/operation.ts";
import type { Plan } from "../../plan/plan.ts";
import { listAddressLeases } from "../../store/lease.ts";
import type { NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { choosePorts } from "./published-port.ts";

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

/** What the Spec asks for at the host's end of its link to a network. */
export function hostEndOf({ privileged, spoofing, attachments }: ContainerSpec, network: string): HostEnd {
  const linkLocal = attachments.find((attachment) => attachment.network === network)?.linkLocal;
  return { spoofing: privileged || spoofing === "allowed", ...(linkLocal ? { linkLocal } : {}) };
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
      hostEnd: hostEndOf(record.spec, endpoint.network),
      ownUserNamespace: record.spec.userNamespace !== undefined,
    });
  }
  if (record.spec.network.mode === "none") return { plan: { steps: [] }, ...planLoopback() };
  return { plan: { steps: [] }, monitor: [], init: [] };
}
