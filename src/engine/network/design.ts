// What a new network is to be: link, pools and MTU, chosen against what the host and the store have.
// Makes nothing; call it under the network claim, so that nobody else chooses in between.
import { TsnsError } from "../../base/error.ts";
import { hasLink, readLinkMtu } from "../../kernel/netlink/sysfs.ts";
import { readUplink } from "../../kernel/network/route.ts";
import { readSysctl } from "../../kernel/network/sysctl.ts";
import { driverOf } from "../../network/driver.ts";
import { driverOption } from "../../network/driver-option.ts";
import { defaultMtu } from "../../network/endpoint-plan.ts";
import { type IpFamily, ipv6MinimumMtu } from "../../network/ip.ts";
import { bridgeName } from "../../network/name.ts";
import { isRoutedMode } from "../../network/parent-mode.ts";
import { familiesOf, type NetworkRequest, plainRequest, poolsOfRequest } from "../../network/request.ts";
import type { NetworkDriver, NetworkPool, NetworkSpec } from "../../network/spec.ts";
import { listNetworks, type NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { chooseParent } from "./parent.ts";
import { withPortRelay } from "./port-relay.ts";
import { choosePools } from "./subnet.ts";

/** A network of the name with everything chosen: the default network, or `network create NAME`. */
export function designPlainNetwork(engine: Engine, name: string): NetworkSpec {
  return designNetwork(engine, plainRequest(name));
}

/** Throws conflict `pool-overlap` or `link-exists`, unavailable `pools-exhausted`, unsupported `no-ipv6`. The request has been validated. */
export function designNetwork(engine: Engine, request: NetworkRequest): NetworkSpec {
  const { name, internal, attachable, configFrom } = request;
  const others = listNetworks(engine.store).filter((record) => record.spec.name !== name);
  const driver = request.driver as NetworkDriver;
  const settings = driverOf(driver)?.settings(request) ?? {};
  const isBridge = driver === "bridge";
  const parent = isBridge ? undefined : chooseParent(engine.root, request, others);
  const pools = choosePools(engine, {
    name,
    asked: poolsOfRequest(request),
    families: requireFamilies(request),
    others,
    avoidsRoutes: isBridge,
    hasGateway: (family) => settings.gatewayMode?.[family] !== "isolated" && !isRoutedMode(settings.parent?.mode),
  });
  return withPortRelay({
    name,
    ...(isBridge ? { mtu: Math.max(uplinkMtu(), familiesOf(request).ipv6 ? ipv6MinimumMtu : 0) } : { driver }),
    bridge: parent?.name ?? chooseBridge(engine, request, others),
    pools,
    ...settings,
    ...(settings.parent && parent?.made ? { parent: { ...settings.parent, made: parent.made } } : {}),
    ...(internal || parent?.made?.kind === "dummy" ? { internal: true } : {}),
    ...(attachable ? { attachable: true } : {}),
    ...(configFrom === undefined ? {} : { configFrom }),
    ...labelsAndOptions(request),
  });
}

/** The settings for other networks: nothing is chosen. */
export function designConfiguration(request: NetworkRequest): NetworkSpec {
  const pools = poolsOfRequest(request);
  return { name: request.name, bridge: "", pools, configOnly: true, families: familiesOf(request), ...labelsAndOptions(request) };
}

/** A request with the settings of a configuration network instead of its own. */
export function withConfiguration(request: NetworkRequest, { pools, labels = {}, options = {}, families }: NetworkSpec): NetworkRequest {
  const texts = (key: "gateway" | "ipRange") => pools.flatMap((pool: NetworkPool) => pool[key] ?? []);
  return {
    ...request,
    subnets: pools.map(({ subnet }) => subnet),
    gateways: texts("gateway"),
    ipRanges: texts("ipRange"),
    reserved: Object.assign({}, ...pools.map(({ reserved = {} }) => reserved)),
    ipv4: families?.ipv4 ?? true,
    ipv6: families?.ipv6 ?? false,
    labels: { ...labels, ...request.labels },
    options,
  };
}

function labelsAndOptions({ labels, options }: NetworkRequest): Pick<NetworkSpec, "labels" | "options"> {
  return { ...(Object.keys(labels).length > 0 ? { labels } : {}), ...(Object.keys(options).length > 0 ? { options } : {}) };
}

function requireFamilies(request: NetworkRequest): readonly IpFamily[] {
  const { ipv4, ipv6 } = familiesOf(request);
  if (ipv6 && readSysctl("net.ipv6.conf.all.forwarding") === undefined) {
    throw new TsnsError("unsupported", "no-ipv6", `network ${request.name}: this kernel has no IPv6`, {
      hint: "leave --ipv6 and IPv6 subnets out, or boot without ipv6.disable=1",
    });
  }
  return [...(ipv4 ? (["ipv4"] as const) : []), ...(ipv6 ? (["ipv6"] as const) : [])];
}

function uplinkMtu(): number {
  const uplink = readUplink();
  return Math.min(defaultMtu, (uplink && readLinkMtu(uplink)) || defaultMtu);
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
