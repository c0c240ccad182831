// What `network create` is asked for, checked word by word, in docker's vocabulary. Knows nothing of what the host has.
import { TsnsError } from "../base/error.ts";
import { isName } from "../base/id.ts";
import { contains, parseAddress, parseSubnet, renderSubnet, type Subnet } from "./address.ts";
import { driverOption, isLinkName, isMtu, parseBoolean } from "./driver-option.ts";

export interface NetworkRequest {
  readonly name: string;
  /** Absent: chosen from the pools. */
  readonly subnet?: string;
  readonly gateway?: string;
  readonly ipRange?: string;
  readonly internal: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

/** Names that no network can be given. */
const predefinedNetworks: readonly string[] = ["bridge", "host", "none", "default", "container"];

const bad = (code: string, message: string, hint: string): TsnsError => new TsnsError("invalid", code, message, { hint });

/** All that is wrong with the request by itself, in the order of its options. */
export function validateNetworkRequest(request: NetworkRequest): readonly TsnsError[] {
  return [...nameFaults(request.name), ...addressFaults(request), ...optionFaults(request.options)];
}

function nameFaults(name: string): TsnsError[] {
  if (predefinedNetworks.includes(name)) {
    return [bad("predefined-network", `operation is not permitted on predefined ${name} network`, "choose another name")];
  }
  if (isName(name) && name.length <= 255) return [];
  return [bad("bad-network-name", `invalid network name "${name}"`, "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed, at least two characters")];
}

function addressFaults({ subnet, gateway, ipRange }: NetworkRequest): TsnsError[] {
  const parsed = subnet === undefined ? undefined : tryParse(subnet);
  if (parsed instanceof TsnsError) return [parsed];
  if (subnet !== undefined && parsed) {
    if (renderSubnet(parsed) !== subnet)
      return [bad("bad-subnet", `invalid subnet ${subnet}: host bits are set`, `it should be ${renderSubnet(parsed)}`)];
    if (parsed.prefixLength > 30 || parsed.prefixLength < 8) {
      return [bad("bad-subnet", `invalid subnet ${subnet}: it has no room for a network`, "give a prefix length from 8 to 30")];
    }
  }
  return [...gatewayFaults(parsed, gateway), ...rangeFaults(parsed, ipRange)];
}

function gatewayFaults(subnet: Subnet | undefined, gateway: string | undefined): TsnsError[] {
  if (gateway === undefined) return [];
  const address = parseAddress(gateway);
  if (address === undefined) return [bad("bad-gateway", `invalid gateway "${gateway}": it is no IPv4 address`, "write it like 10.1.2.1")];
  if (!subnet || !contains(subnet, address)) {
    return [
      bad(
        "bad-gateway",
        `no matching subnet for gateway ${gateway}`,
        subnet ? `it must lie in ${renderSubnet(subnet)}` : "give --subnet too",
      ),
    ];
  }
  const last = subnet.base + 2 ** (32 - subnet.prefixLength) - 1;
  if (address !== subnet.base && address !== last) return [];
  return [bad("bad-gateway", `invalid gateway ${gateway}: it is the first or last address of its subnet`, "give one in between")];
}

function rangeFaults(subnet: Subnet | undefined, ipRange: string | undefined): TsnsError[] {
  if (ipRange === undefined) return [];
  const range = tryParse(ipRange);
  if (range instanceof TsnsError) return [range];
  if (subnet && range.prefixLength >= subnet.prefixLength && contains(subnet, range.base)) return [];
  return [
    bad("bad-ip-range", `no matching subnet for range ${ipRange}`, subnet ? `it must lie in ${renderSubnet(subnet)}` : "give --subnet too"),
  ];
}

function tryParse(text: string): Subnet | TsnsError {
  try {
    return parseSubnet(text);
  } catch (error) {
    if (error instanceof TsnsError) return error;
    throw error;
  }
}

function optionFaults(options: Readonly<Record<string, string>>): TsnsError[] {
  const known: readonly string[] = [driverOption.bridge, driverOption.mtu, driverOption.masquerade];
  return Object.entries(options).flatMap(([key, value]): TsnsError[] => {
    if (!known.includes(key)) {
      return [new TsnsError("unsupported", "unknown-option", `--opt ${key} is not supported`, { hint: `use ${known.join(", ")}` })];
    }
    if (key === driverOption.bridge && !isLinkName(value)) {
      return [bad("bad-link-name", `invalid bridge name "${value}"`, "a link name has 1 to 15 characters, no space, slash or colon")];
    }
    if (key === driverOption.mtu && !isMtu(value)) return [bad("bad-mtu", `invalid mtu "${value}"`, "give a number from 68 to 65535")];
    if (key === driverOption.masquerade && parseBoolean(value) === undefined) {
      return [bad("bad-option-value", `invalid value "${value}" of ${key}`, "give true or false")];
    }
    return [];
  });
}
