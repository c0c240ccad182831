// What a new network is to be: bridge name, subnet, gateway and MTU, chosen against what the host and the store have.
// Makes nothing; call it under the network claim, so that nobody else chooses in between.
import { TsnsError } from "../../base/error.ts";
import { hasLink, readLinkMtu } from "../../kernel/netlink/sysfs.ts";
import { readTakenSubnets, readUplink } from "../../kernel/network/route.ts";
import { overlaps, parseSubnet, renderAddress, renderSubnet, type Subnet } from "../../network/address.ts";
import { driverOption, parseBoolean } from "../../network/driver-option.ts";
import { defaultMtu } from "../../network/endpoint-plan.ts";
import { bridgeName } from "../../network/name.ts";
import { chooseSubnet, defaultPools, gatewayOf } from "../../network/pool.ts";
import type { NetworkRequest } from "../../network/request.ts";
import type { NetworkSpec } from "../../network/spec.ts";
import { listNetworks, type NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";

/** A network of the name with everything chosen: the default network, or `network create NAME`. */
export function designPlainNetwork(engine: Engine, name: string): NetworkSpec {
  return designNetwork(engine, { name, internal: false, labels: {}, options: {} });
}

/** Throws conflict `pool-overlap` or `link-exists`, unavailable `pools-exhausted`. The request has been validated. */
export function designNetwork(engine: Engine, request: NetworkRequest): NetworkSpec {
  const others = listNetworks(engine.store).filter((record) => record.spec.name !== request.name);
  const subnet = request.subnet === undefined ? freeSubnet(request.name, others) : givenSubnet(request.subnet, others);
  const bridge = chooseBridge(engine, request, others);
  const mtu = request.options[driverOption.mtu];
  const masquerade = request.options[driverOption.masquerade];
  return {
    name: request.name,
    bridge,
    pools: [
      {
        subnet: renderSubnet(subnet),
        gateway: request.gateway ?? renderAddress(gatewayOf(subnet)),
        ...(request.ipRange === undefined ? {} : { ipRange: renderSubnet(parseSubnet(request.ipRange)) }),
      },
    ],
    mtu: mtu === undefined ? uplinkMtu() : Number(mtu),
    ...(request.internal ? { internal: true } : {}),
    ...(masquerade !== undefined && parseBoolean(masquerade) === false ? { masquerade: false } : {}),
    ...(Object.keys(request.labels).length > 0 ? { labels: request.labels } : {}),
    ...(Object.keys(request.options).length > 0 ? { options: request.options } : {}),
  };
}

const ipv4Subnets = ({ spec }: NetworkRecord): readonly string[] =>
  spec.pools.map(({ subnet }) => subnet).filter((subnet) => !subnet.includes(":"));

function uplinkMtu(): number {
  const uplink = readUplink();
  return Math.min(defaultMtu, (uplink && readLinkMtu(uplink)) || defaultMtu);
}

function freeSubnet(name: string, others: readonly NetworkRecord[]): Subnet {
  const subnet = chooseSubnet(defaultPools, [...readTakenSubnets(), ...others.flatMap(ipv4Subnets).map(parseSubnet)]);
  if (subnet) return subnet;
  throw new TsnsError("unavailable", "pools-exhausted", `no address range for network ${name}: every pool overlaps a route of this host`, {
    hint: "give --subnet, or remove a route or network that covers 10.66.0.0/16, 10.67.0.0/16 and 192.168.128.0/17",
  });
}

function givenSubnet(text: string, others: readonly NetworkRecord[]): Subnet {
  const subnet = parseSubnet(text);
  const network = others.find((other) => ipv4Subnets(other).some((held) => overlaps(parseSubnet(held), subnet)));
  // Default routes, also in two halves, cover everything and are no obstacle.
  const route = readTakenSubnets().find((taken) => taken.prefixLength > 1 && overlaps(taken, subnet));
  if (!network && !route) return subnet;
  const holder = network
    ? `network ${network.spec.name} has ${ipv4Subnets(network).join(" and ")}`
    : `this host has a route or address in ${renderSubnet(route ?? subnet)}`;
  throw new TsnsError("conflict", "pool-overlap", `Pool overlaps with other one on this address space: ${text}, and ${holder}`, {
    hint: "give another --subnet, or none to have a free one chosen",
    exitCode: 1,
  });
}

function chooseBridge(engine: Engine, { name, options }: NetworkRequest, others: readonly NetworkRecord[]): string {
  const given = options[driverOption.bridge];
  if (given === undefined) return bridgeName(engine.root, name);
  const twin = others.find(({ spec }) => spec.bridge === given);
  if (twin || hasLink(given)) {
    const holder = twin ? `it is the bridge of network ${twin.spec.name}` : "this host has a link of that name";
    throw new TsnsError("conflict", "link-exists", `bridge ${given} exists already: ${holder}`, {
      hint: `give another ${driverOption.bridge}`,
    });
  }
  return given;
}
