// Which devices a container may use: rules as values and docker's default list.
// Knows neither how cgroup v1 is told (plan-v1.ts) nor how v2 is (device-filter.ts).

/** Access as in the kernel's devices controller: read, write, mknod. */
export type DeviceAccess = "r" | "w" | "m" | "rw" | "rm" | "wm" | "rwm";

/** Allows access to matching devices; what no rule allows is denied. A missing number matches all. */
export interface DeviceRule {
  readonly type: "c" | "b";
  readonly major?: number;
  readonly minor?: number;
  readonly access: DeviceAccess;
}

/**
 * What docker's containers may use: every node may be made, few may be opened.
 * /dev/net/tun is on it because runc allows it (10:200, taken off in runc 1.2.0 and put back in 1.2.4).
 */
export const defaultDevices: readonly DeviceRule[] = [
  { type: "c", access: "m" },
  { type: "b", access: "m" },
  { type: "c", major: 1, minor: 3, access: "rwm" }, // null
  { type: "c", major: 1, minor: 5, access: "rwm" }, // zero
  { type: "c", major: 1, minor: 7, access: "rwm" }, // full
  { type: "c", major: 1, minor: 8, access: "rwm" }, // random
  { type: "c", major: 1, minor: 9, access: "rwm" }, // urandom
  { type: "c", major: 5, minor: 0, access: "rwm" }, // tty
  { type: "c", major: 5, minor: 1, access: "rwm" }, // console
  { type: "c", major: 5, minor: 2, access: "rwm" }, // ptmx
  { type: "c", major: 136, access: "rwm" }, // pts/*
  { type: "c", major: 10, minor: 200, access: "rwm" }, // net/tun
];

/** A rule as `devices.allow` takes it: "c 136:* rwm". */
export function renderDeviceRule(rule: DeviceRule): string {
  return `${rule.type} ${rule.major ?? "*"}:${rule.minor ?? "*"} ${rule.access}`;
}
