// What `network create` is asked for, checked word by word, in docker's vocabulary. Knows nothing of what the host has.

import { TsnsError } from "../base/error.ts";
import { driverOf } from "./driver.ts";
import { driverOption, isMtu, parseBoolean } from "./driver-option.ts";
import { ipv6MinimumMtu } from "./ip.ts";
import { assemblePools, type PoolFlags } from "./pool-request.ts";
import type { NetworkPool } from "./spec.ts";

export interface NetworkRequest extends PoolFlags {
  readonly name: string;
  readonly driver: string;
  /** false: --ipv4=false. */
  readonly ipv4: boolean;
  /** --ipv6; an IPv6 subnet says it too. */
  readonly ipv6: boolean;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ingress: boolean;
  readonly configOnly: boolean;
  readonly configFrom?: string;
  /** Absent: local. */
  readonly scope?: string;
  readonly ipamDriver: string;
  readonly ipamOptions: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

/** `network create NAME` and nothing else. */
export const plainRequest = (name: string): NetworkRequest => ({
  name,
  driver: "bridge",
  subnets: [],
  gateways: [],
  ipRanges: [],
  reserved: {},
  ipv4: true,
  ipv6: false,
  internal: false,
  attachable: false,
  ingress: false,
  configOnly: false,
  ipamDriver: "default",
  ipamOptions: {},
  labels: {},
  options: {},
});

/** Names that no network can be given. */
const predefinedNetworks: readonly string[] = ["bridge", "host", "none", "default", "container"];

const bad = (code: string, message: string, hint: string): TsnsError => new TsnsError("invalid", code, message, { hint });
const unsupported = (code: string, message: string, hint: string): TsnsError => new TsnsError("unsupported", code, message, { hint });

/** All that is wrong with the request by itself, in the order of its options. */
export function validateNetworkRequest(request: NetworkRequest): readonly TsnsError[] {
  return [
    ...nameFaults(request.name),
    ...driverFaults(request),
    ...scopeFaults(request),
    ...ipamFaults(request),
    ...assemblePools(request).faults,
    ...familyFaults(request),
    ...configFaults(request),
  ];
}

function nameFaults(name: string): TsnsError[] {
  if (predefinedNetworks.includes(name)) {
    return [bad("predefined-network", `operation is not permitted on predefined ${name} network`, "choose another name")];
  }
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$/.test(name)) return [];
  return [bad("bad-network-name", `invalid network name "${name}"`, "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed, at most 255 characters")];
}

const swarmHint = "networks of tsns are of this host alone";

function driverFaults(request: NetworkRequest): readonly TsnsError[] {
  const { driver } = request;
  if (driver === "host" || driver === "null") {
    return [
      bad(
        "one-of-its-kind",
        `only one instance of "${driver}" network is allowed`,
        `run containers with --network ${driver === "null" ? "none" : driver}`,
      ),
    ];
  }
  if (driver === "overlay") return [unsupported("swarm", "This node is not a swarm manager: no network driver overlay", swarmHint)];
  const rules = driverOf(driver);
  // The options of a configuration network are judged by the driver of those that are made from it.
  if (rules) return request.configOnly ? [] : rules.faults(request);
  return [unsupported("unknown-driver", `plugin "${driver}" not found`, "the network drivers are bridge, macvlan and ipvlan")];
}

function scopeFaults({ scope, ingress }: NetworkRequest): TsnsError[] {
  return [
    ...(ingress ? [unsupported("swarm", "--ingress: Ingress network can only be global scope network", swarmHint)] : []),
    ...(scope === "swarm" || scope === "global"
      ? [unsupported("swarm", `--scope ${scope}: cannot create a swarm scoped network when swarm is not active`, swarmHint)]
      : []),
    ...(scope !== undefined && !["", "local", "swarm", "global"].includes(scope)
      ? [bad("bad-scope", `invalid scope "${scope}"`, "local is the one there is")]
      : []),
  ];
}

function ipamFaults({ ipamDriver, ipamOptions }: NetworkRequest): TsnsError[] {
  const [option] = Object.keys(ipamOptions);
  return [
    ...(ipamDriver === "null"
      ? [unsupported("null-ipam", "--ipam-driver null: ipv4 pool is empty", "containers need addresses: use default")]
      : []),
    ...(ipamDriver === "default" || ipamDriver === "null" || ipamDriver === ""
      ? []
      : [unsupported("unknown-ipam", `plugin "${ipamDriver}" not found`, "the IPAM driver is default")]),
    ...(option === undefined
      ? []
      : [unsupported("ipam-option", `--ipam-opt ${option} is not supported`, "the IPAM driver default has no options")]),
  ];
}

/** Which families a network of the request has, when it is asked by flags, driver options and subnets. */
export function familiesOf({ ipv4, ipv6, subnets, options }: NetworkRequest): { readonly ipv4: boolean; readonly ipv6: boolean } {
  const option = (key: "enableIpv4" | "enableIpv6") => {
    const text = options[driverOption[key]];
    return text === undefined ? undefined : parseBoolean(text);
  };
  return {
    ipv4: ipv4 && option("enableIpv4") !== false,
    ipv6: ipv6 || option("enableIpv6") === true || subnets.some((subnet) => subnet.includes(":")),
  };
}

function familyFaults(request: NetworkRequest): TsnsError[] {
  const { ipv4, ipv6 } = familiesOf(request);
  if (!ipv4 && !ipv6) return [bad("no-family", "IPv4 or IPv6 must be enabled", "add --ipv6, or leave --ipv4=false out")];
  const subnet = ipv4 ? undefined : request.subnets.find((text) => text.includes("."));
  const mtu = request.options[driverOption.mtu] ?? "";
  return [
    ...(subnet === undefined
      ? []
      : [bad("no-ipv4", `subnet ${subnet} is IPv4, which --ipv4=false switches off`, "leave one of the two out")]),
    ...(ipv6 && isMtu(mtu) && Number(mtu) < ipv6MinimumMtu
      ? [bad("mtu-below-ipv6", `mtu ${mtu} is too small for IPv6`, `IPv6 needs ${ipv6MinimumMtu} bytes at least, RFC 8200`)]
      : []),
  ];
}

function configFaults({ configOnly, configFrom, internal, attachable, ingress, scope, ...request }: NetworkRequest): TsnsError[] {
  if (configOnly && configFrom !== undefined) {
    return [
      bad(
        "config-chain",
        "a configuration network cannot depend on another configuration network",
        "leave --config-only or --config-from out",
      ),
    ];
  }
  if (configOnly && (internal || attachable || ingress || (scope !== undefined && scope !== ""))) {
    const message =
      "configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported";
    return [bad("config-operator-field", message, "give them to the networks made from it")];
  }
  const hasOwn = [request.subnets, request.gateways, request.ipRanges, Object.keys(request.reserved), Object.keys(request.options)];
  if (configFrom === undefined || (hasOwn.every((list) => list.length === 0) && !request.ipv6 && request.ipv4)) return [];
  const message = "user specified configurations are not supported if the network depends on a configuration network";
  return [bad("config-and-own", message, `network ${configFrom} says subnets, families and options`)];
}

/** The pools asked for, of a request without faults. */
export const poolsOfRequest = (request: NetworkRequest): readonly NetworkPool[] => assemblePools(request).pools;
