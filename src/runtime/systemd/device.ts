// Access to devices as properties of a unit, for cgroup v1: systemd writes the lists of a unit's group anew whenever it pleases, so it must know
// what is in them. On v2 the program at the group holds beside whatever systemd attaches. Pure.
import { defaultDevices } from "../../cgroup/device.ts";
import type { RuntimeDeviceRule } from "../config/resource.ts";
import { property, type UnitProperty } from "./property.ts";

/** Names of the drivers by major number, as /proc/devices has them. */
export interface DeviceDrivers {
  readonly c: ReadonlyMap<number, readonly string[]>;
  readonly b: ReadonlyMap<number, readonly string[]>;
}

/** Of /proc/devices. */
export function parseDrivers(text: string): DeviceDrivers {
  const drivers = { c: new Map<number, string[]>(), b: new Map<number, string[]>() };
  let kind: "c" | "b" = "c";
  for (const line of text.split("\n")) {
    if (line.startsWith("Block")) kind = "b";
    const [, major, name] = /^ *(\d+) (\S+)$/.exec(line) ?? [];
    if (major === undefined || name === undefined) continue;
    drivers[kind].set(Number(major), [...(drivers[kind].get(Number(major)) ?? []), name]);
  }
  return drivers;
}

type Kind = "c" | "b";

/** What systemd calls them: a path with the numbers, or all of a driver, or all (systemd.resource-control(5), DeviceAllow). A driver the kernel has not needs none. */
function nodesOf(kind: Kind, major: number | undefined, minor: number | undefined, drivers: DeviceDrivers): readonly string[] {
  const word = kind === "c" ? "char" : "block";
  if (major === undefined) return [`${word}-*`];
  if (minor !== undefined) return [`/dev/${word}/${major}:${minor}`];
  return (drivers[kind].get(major) ?? []).map((name) => `${word}-${name}`);
}

/** The rules in their order: one that denies takes back what allows the same. Of a rule for all minors of no driver nothing is told. */
export function deviceProperties(rules: readonly RuntimeDeviceRule[], drivers: DeviceDrivers): readonly UnitProperty[] {
  let isOpen = true;
  const allowed = new Map<string, string>();
  for (const { allow, type, major, minor, access } of [...rules, ...defaultDevices.map((rule) => ({ ...rule, allow: true }))]) {
    const isAll = type === "a" && major === undefined && minor === undefined;
    if (isAll) {
      isOpen = allow;
      allowed.clear();
    }
    if (isAll || isOpen) continue;
    for (const kind of type === "a" ? (["c", "b"] as const) : [type])
      for (const node of nodesOf(kind, major, minor, drivers)) allowed.set(node, changed(allowed.get(node) ?? "", access, allow));
  }
  // A list is added to what is there: an empty one takes all of that away.
  const emptied = property("DeviceAllow", "a(ss)", "0");
  if (isOpen) return [property("DevicePolicy", "s", "auto"), emptied];
  const entries = [...allowed].filter(([, access]) => access !== "");
  return [property("DevicePolicy", "s", "strict"), emptied, property("DeviceAllow", "a(ss)", `${entries.length}`, ...entries.flat())];
}

const changed = (before: string, access: string, allow: boolean): string =>
  [..."rwm"].filter((letter) => (access === "" || access.includes(letter) ? allow : before.includes(letter))).join("");
