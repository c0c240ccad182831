// The device nodes of an OCI configuration. Pure.
import type { ContainerSpec } from "../spec.ts";
import { defaultDevices, deviceLinks } from "./default.ts";
import type { OciDevice } from "./type.ts";

/** `host`: all device nodes of the host, which a privileged container gets; `asked`: those of --device, which replace others of their path. */
export function devicesOf(spec: ContainerSpec, host: readonly OciDevice[], asked: readonly OciDevice[] = []): readonly OciDevice[] {
  const paths = new Set(asked.map((device) => device.path));
  return [...(spec.privileged ? mergeDevices(host) : defaultDevices).filter((device) => !paths.has(device.path)), ...asked];
}

function mergeDevices(host: readonly OciDevice[]): OciDevice[] {
  const taken = new Set([...defaultDevices.map((device) => device.path), ...deviceLinks.map(([, path]) => path)]);
  return [...defaultDevices, ...host.filter((device) => !taken.has(device.path))];
}
