// Access to devices: the list of a configuration, in its order, and what every container needs besides (config-linux.md, Allowed Device list,
// Default Devices). Pure.
import { defaultDevices, renderDeviceRule } from "../../cgroup/device.ts";
import { compileDeviceDecisions, type DeviceDecision } from "../../cgroup/device-filter.ts";
import type { RuntimeDeviceRule } from "../config/resource.ts";

const letters = "rwm";

/** One rule as a line of devices.allow and devices.deny (cgroup-v1/devices.rst); "a" is everything, whatever else the rule says. */
function renderRule({ type, major, minor, access }: RuntimeDeviceRule): string {
  const known = [...letters].filter((letter) => access.includes(letter)).join("") || letters;
  if (type === "a" && major === undefined && minor === undefined && known === letters) return "a";
  const numbers = `${major ?? "*"}:${minor ?? "*"} ${known}`;
  return type === "a" ? `c ${numbers}\nb ${numbers}` : `${type} ${numbers}`;
}

/** A file and the lines written to it, one after the other, each a rule. */
export interface DeviceWrite {
  readonly file: "devices.allow" | "devices.deny";
  readonly lines: string;
}

/** v1. What the configuration says last are the defaults, which a container cannot do without. */
export function legacyDeviceWrites(rules: readonly RuntimeDeviceRule[]): readonly DeviceWrite[] {
  const writes: DeviceWrite[] = [];
  const add = (file: DeviceWrite["file"], line: string) => {
    const before = writes.at(-1);
    if (before?.file === file) writes[writes.length - 1] = { file, lines: `${before.lines}\n${line}` };
    else writes.push({ file, lines: line });
  };
  for (const rule of rules) add(rule.allow ? "devices.allow" : "devices.deny", renderRule(rule));
  for (const rule of defaultDevices) add("devices.allow", renderDeviceRule(rule));
  return writes;
}

/** v2: the same as a program, in which the first that matches decides: the last rule comes first. */
export function unifiedDeviceProgram(rules: readonly RuntimeDeviceRule[]): string {
  const decisions = rules.map(
    ({ allow, type, major, minor, access }): DeviceDecision => ({
      allow,
      ...(type === "a" ? {} : { type }),
      ...(major === undefined ? {} : { major }),
      ...(minor === undefined ? {} : { minor }),
      access: access || letters,
    }),
  );
  const defaults = defaultDevices.map((rule): DeviceDecision => ({ ...rule, allow: true }));
  return compileDeviceDecisions([...decisions, ...defaults].reverse());
}
