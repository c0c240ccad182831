// All properties of a new scope (systemd.scope(5), systemd.resource-control(5)). Pure.

import type { RuntimeDeviceRule } from "../config/resource.ts";
import { annotatedProperties } from "./annotation.ts";
import { type DeviceDrivers, deviceProperties } from "./device.ts";
import { type GroupWrite, limitProperties, property, type UnitProperty } from "./property.ts";

export interface ScopeRequest {
  readonly id: string;
  readonly slice: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly devices: readonly RuntimeDeviceRule[];
  /** What the files of its group will be told. */
  readonly writes: readonly GroupWrite[];
}

export interface ScopeFacts {
  /** Of systemd. */
  readonly version: number;
  /** v1 controllers: the drivers of this kernel; absent on v2. */
  readonly drivers?: DeviceDrivers;
}

const on = (name: string): UnitProperty => property(name, "b", "true");

/**
 * Its first process comes last, as it is known last. Everything is counted, whether limited or not: memory that is counted later misses what was used
 * before. Whatever annotations say holds.
 */
export function scopeProperties(
  { id, slice, annotations, devices, writes }: ScopeRequest,
  { version, drivers }: ScopeFacts,
): readonly UnitProperty[] {
  return [
    property("Description", "s", `tsns container ${id}`),
    property("Slice", "s", slice),
    on("Delegate"),
    property("DefaultDependencies", "b", "false"),
    // One that has failed is forgotten too: its name is free again.
    property("CollectMode", "s", "inactive-or-failed"),
    ...["CPUAccounting", "MemoryAccounting", "TasksAccounting", drivers ? "BlockIOAccounting" : "IOAccounting"].map(on),
    ...(drivers ? deviceProperties(devices, drivers) : []),
    ...limitProperties(writes, version),
    ...annotatedProperties(annotations),
  ];
}

/** The words of `StartTransientUnit` and `SetUnitProperties` for them. */
export const propertyWords = (properties: readonly UnitProperty[]): readonly string[] => [
  `${properties.length}`,
  ...properties.flatMap(({ name, type, words }) => [name, type, ...words]),
];
