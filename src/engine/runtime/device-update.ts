// `update` of the devices a container may use. Engines send the list it was created with along with other limits: that changes nothing, and on v1,
// where rules are written one by one, a container would be without its devices for a moment.
import { isDeepStrictEqual } from "node:util";
import { parseRuntimeConfig, parseRuntimeResources } from "../../runtime/config/parse.ts";
import type { RuntimeDeviceRule } from "../../runtime/config/resource.ts";
import type { RuntimeRecord } from "../../runtime/record.ts";
import { readRuntimeConfig, readRuntimeDevices, writeRuntimeDevices } from "../../store/runtime-record.ts";
import { readConfigHost } from "./bundle.ts";
import { updateDevices } from "./group-update.ts";
import type { Runtime } from "./runtime.ts";
import { changeScopeDevices } from "./scope.ts";

/** No rules say nothing. Throws TsnsError unsupported, unavailable, KernelError. */
export function changeDevices({ root }: Runtime, record: RuntimeRecord, rules: readonly RuntimeDeviceRule[]): void {
  const { id, bundle, groups, scope } = record;
  if (rules.length === 0 || isDeepStrictEqual(rules, current(root, id, bundle))) return;
  if (scope) changeScopeDevices(scope, record, rules);
  updateDevices(groups, rules);
  writeRuntimeDevices(root, id, JSON.stringify({ devices: rules }));
}

function current(root: string, id: string, bundle: string): readonly RuntimeDeviceRule[] {
  const updated = readRuntimeDevices(root, id);
  if (updated !== undefined) return parseRuntimeResources(updated).resources.devices;
  return parseRuntimeConfig(readRuntimeConfig(root, id), bundle, readConfigHost()).config.linux.resources.devices;
}
