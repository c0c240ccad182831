// The options of the drivers macvlan and ipvlan, whose links sit on another link of the host: which there are, which values they take, what they
// mean. Pure; which links the host has is the engine's to see.
import { TsnsError } from "../base/error.ts";
import type { DriverRules, DriverSettings } from "./driver.ts";
import { driverOption, isLinkName, isMtu, parseBoolean } from "./driver-option.ts";
import { ipvlanFlags, ipvlanModes, macvlanModes } from "./parent-mode.ts";
import type { NetworkRequest } from "./request.ts";

/** By docker's names. */
export const parentOption = {
  parent: "parent",
  macvlanMode: "macvlan_mode",
  ipvlanMode: "ipvlan_mode",
  ipvlanFlag: "ipvlan_flag",
} as const;

interface Words {
  readonly driver: string;
  /** Values by option. */
  readonly choices: Readonly<Record<string, readonly string[]>>;
}

function optionFault({ driver, choices }: Words, key: string, value: string): TsnsError | undefined {
  const bad = (code: string, message: string, hint: string) => new TsnsError("invalid", code, message, { hint });
  if (key === parentOption.parent) {
    if (value === "lo") return bad("bad-parent", `loopback interface is not a valid ${driver} parent link`, "name the link to the network");
    // an empty one is none, as docker takes it
    return value === "" || isLinkName(value)
      ? undefined
      : bad("bad-parent", `invalid parent "${value}"`, "name a link of this host: ip link");
  }
  const values = Object.hasOwn(choices, key) ? choices[key] : undefined;
  if (values) {
    if (value === "" || values.includes(value)) return undefined;
    const [usual] = values;
    const what = key.replace("_", " ");
    return bad(
      "bad-mode",
      `requested ${what} '${value}' is not valid, '${usual}' is the ${driver} driver default`,
      `give ${values.join(", ")}`,
    );
  }
  if (key === driverOption.mtu)
    return isMtu(value) ? undefined : bad("bad-option-value", `invalid mtu "${value}"`, "give a number from 68 to 65535");
  if (key === driverOption.linkPrefix)
    return isLinkName(value) && value.length <= 12 && value !== "lo"
      ? undefined
      : bad("bad-option-value", `invalid value of ${key}: "${value}"`, "give the start of a link's name, at most 12 characters");
  if (key === driverOption.enableIpv4 || key === driverOption.enableIpv6)
    return parseBoolean(value) === undefined
      ? bad("bad-option-value", `invalid value of ${key}: "${value}"`, "give true or false")
      : undefined;
  const known = [parentOption.parent, ...Object.keys(choices), driverOption.mtu, driverOption.linkPrefix];
  return new TsnsError("unsupported", "unknown-option", `--opt ${key} is not supported by driver ${driver}`, {
    hint: `there are ${known.join(", ")}`,
  });
}

const rulesOf = (words: Words, settings: (request: NetworkRequest) => DriverSettings): DriverRules => ({
  faults: ({ options }) => Object.entries(options).flatMap(([key, value]) => optionFault(words, key, value) ?? []),
  settings,
});

function sharedSettings({ options }: NetworkRequest): DriverSettings {
  const [mtu, linkPrefix] = [options[driverOption.mtu], options[driverOption.linkPrefix]];
  return { ...(mtu === undefined ? {} : { mtu: Number(mtu) }), ...(linkPrefix === undefined ? {} : { linkPrefix }) };
}

export const macvlanDriver = rulesOf({ driver: "macvlan", choices: { [parentOption.macvlanMode]: macvlanModes } }, (request) => ({
  ...sharedSettings(request),
  parent: { mode: request.options[parentOption.macvlanMode] || macvlanModes[0] },
}));

export const ipvlanDriver = rulesOf(
  { driver: "ipvlan", choices: { [parentOption.ipvlanMode]: ipvlanModes, [parentOption.ipvlanFlag]: ipvlanFlags } },
  (request) => ({
    ...sharedSettings(request),
    parent: {
      mode: request.options[parentOption.ipvlanMode] || ipvlanModes[0],
      flag: request.options[parentOption.ipvlanFlag] || ipvlanFlags[0],
    },
  }),
);
