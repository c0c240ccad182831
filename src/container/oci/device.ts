// The device nodes of an OCI configuration. Pure.
import type { ContainerSpec } from "../spec.ts";
import { defaultDevices, deviceLinks } from "./default.ts";
import type { OciDevice } from "./type.ts";

/** `host`: all device nodes of the host, which a privileged container gets. */
export function devicesOf(spec: ContainerSpec, host: readonly OciDevice[]): readonly OciDevice[] {
  return spec.privileged ? mergeDevices(host) : defaultDevices;
}

function mergeDevices(host: readonly OciDevice[]): OciDevice[] {
  const taken = new Set([...defaultDevices.map((device) => device.path), ...deviceLinks.map(([, path]) => path)]);
  return [...defaultDevices, ...host.filter((device) => !taken.has(device.path))];
}
