// The bridge driver's options: which there are, which values they take, what they mean. Pure.
import { TsnsError } from "../base/error.ts";
import { parseAddress } from "./address.ts";
import type { DriverRules, DriverSettings } from "./driver.ts";
import { driverOption, isLinkName, isMtu, parseBoolean } from "./driver-option.ts";
import { parseIp } from "./ip.ts";
import type { NetworkRequest } from "./request.ts";
import type { GatewayMode } from "./spec.ts";

interface OptionRule {
  readonly isRight: (value: string) => boolean;
  readonly hint: string;
}

const boolean: OptionRule = { isRight: (value) => parseBoolean(value) !== undefined, hint: "give true or false" };
const gatewayModes: readonly string[] = ["nat", "routed", "isolated"] satisfies readonly GatewayMode[];
const gatewayMode: OptionRule = { isRight: (value) => gatewayModes.includes(value), hint: `give ${gatewayModes.join(", ")}` };
const ipv4Address: OptionRule = { isRight: (value) => parseAddress(value) !== undefined, hint: "give an IPv4 address of this host" };

/** By docker's names. */
const rules: Readonly<Record<string, OptionRule>> = {
  [driverOption.bridge]: { isRight: isLinkName, hint: "a link name has 1 to 15 characters, no space, slash or colon" },
  [driverOption.mtu]: { isRight: isMtu, hint: "give a number from 68 to 65535" },
  [driverOption.masquerade]: boolean,
  [driverOption.icc]: boolean,
  [driverOption.inhibitIpv4]: boolean,
  [driverOption.enableIpv4]: boolean,
  [driverOption.enableIpv6]: boolean,
  [driverOption.hostBinding]: ipv4Address,
  [driverOption.gatewayModeIpv4]: gatewayMode,
  [driverOption.gatewayModeIpv6]: gatewayMode,
  [driverOption.sourceIpv4]: ipv4Address,
  [driverOption.sourceIpv6]: { isRight: (value) => parseIp(value)?.family === "ipv6", hint: "give an IPv6 address of this host" },
  // The kernel's limit less three digits of a number.
  [driverOption.linkPrefix]: {
    isRight: (value) => isLinkName(value) && value.length <= 12 && value !== "lo",
    hint: "give the start of a link's name, at most 12 characters",
  },
};

/** Options of docker's that cannot work here, with the reason. */
const refused: Readonly<Record<string, string>> = {
  "com.docker.network.bridge.default_bridge": "the default network is the one named bridge",
  "com.docker.network.bridge.trusted_host_interfaces": "nothing is dropped by the link it comes from: open ports with -p",
};

function optionFault(key: string, value: string): TsnsError | undefined {
  const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
  if (!rule) {
    const hint = Object.hasOwn(refused, key) ? refused[key] : `there are ${Object.keys(rules).join(", ")}`;
    return new TsnsError("unsupported", "unknown-option", `--opt ${key} is not supported`, hint === undefined ? {} : { hint });
  }
  if (rule.isRight(value)) return undefined;
  const isLink = key === driverOption.bridge;
  const what = isLink ? "bridge name" : key === driverOption.mtu ? "mtu" : `value of ${key}:`;
  return new TsnsError("invalid", isLink ? "bad-link-name" : "bad-option-value", `invalid ${what} "${value}"`, { hint: rule.hint });
}

function faults({ options, internal }: NetworkRequest): readonly TsnsError[] {
  const own = Object.entries(options).flatMap(([key, value]) => optionFault(key, value) ?? []);
  const modes = [options[driverOption.gatewayModeIpv4], options[driverOption.gatewayModeIpv6]];
  if (!modes.includes("isolated") || internal) return own;
  return [
    ...own,
    new TsnsError("invalid", "isolated-not-internal", "gateway mode isolated is for internal networks", { hint: "add --internal" }),
  ];
}

function settings({ options }: NetworkRequest): DriverSettings {
  const given = (key: keyof typeof driverOption) => options[driverOption[key]];
  const is = (key: keyof typeof driverOption, value: boolean) => {
    const text = given(key);
    return text !== undefined && parseBoolean(text) === value;
  };
  const modeOf = (text: string | undefined) => (text === undefined || text === "nat" ? undefined : (text as GatewayMode));
  const gatewayMode = { ipv4: modeOf(given("gatewayModeIpv4")), ipv6: modeOf(given("gatewayModeIpv6")) };
  const source = { ipv4: given("sourceIpv4"), ipv6: given("sourceIpv6") };
  const [mtu, hostBinding, linkPrefix] = [given("mtu"), given("hostBinding"), given("linkPrefix")];
  return {
    ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
    ...(is("masquerade", false) ? { masquerade: false } : {}),
    ...(is("icc", false) ? { icc: false } : {}),
    ...(is("inhibitIpv4", true) ? { hostHasGateway: false } : {}),
    ...(gatewayMode.ipv4 || gatewayMode.ipv6 ? { gatewayMode: known(gatewayMode) } : {}),
    ...(source.ipv4 || source.ipv6 ? { sourceAddress: known(source) } : {}),
    ...(hostBinding === undefined ? {} : { hostBinding }),
    ...(linkPrefix === undefined ? {} : { linkPrefix }),
  };
}

/** Without the members that are undefined. */
function known<T>({ ipv4, ipv6 }: { readonly ipv4: T | undefined; readonly ipv6: T | undefined }): {
  readonly ipv4?: T;
  readonly ipv6?: T;
} {
  return { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }) };
}

export const bridgeDriver: DriverRules = { faults, settings };
