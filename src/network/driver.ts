// The drivers of networks: which options each knows and what they mean in a network's specification. Pure; nothing is made here.
import type { TsnsError } from "../base/error.ts";
import { bridgeDriver } from "./bridge-driver.ts";
import { ipvlanDriver, macvlanDriver } from "./parent-driver.ts";
import type { NetworkRequest } from "./request.ts";
import type { NetworkDriver, NetworkSpec } from "./spec.ts";

/** What options say of a network, beside its name, link and pools. */
export type DriverSettings = Partial<
  Pick<
    NetworkSpec,
    "mtu" | "masquerade" | "icc" | "gatewayMode" | "hostBinding" | "sourceAddress" | "hostHasGateway" | "linkPrefix" | "parent"
  >
>;

export interface DriverRules {
  /** All that is wrong with options, and with flags the driver has no use for. */
  readonly faults: (request: NetworkRequest) => readonly TsnsError[];
  /** Of a request without faults. */
  readonly settings: (request: NetworkRequest) => DriverSettings;
}

export const drivers: Readonly<Partial<Record<NetworkDriver, DriverRules>>> = {
  bridge: bridgeDriver,
  macvlan: macvlanDriver,
  ipvlan: ipvlanDriver,
};

/** The rules of a driver by its name; undefined for one that there is not. */
export function driverOf(name: string): DriverRules | undefined {
  return Object.hasOwn(drivers, name) ? drivers[name as NetworkDriver] : undefined;
}
