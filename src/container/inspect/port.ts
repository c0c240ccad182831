// Ports as docker's documents have them: by "PORT/PROTOCOL". Pure.
import type { PortSpec } from "../../network/spec.ts";

export const portKey = (port: PortSpec) => `${port.containerPort}/${port.protocol}`;

export function groupPorts(
  ports: readonly PortSpec[],
  hostPort: (port: PortSpec) => string,
): Record<string, { HostIp: string; HostPort: string }[]> {
  const groups: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const key = portKey(port);
    const group = groups[key] ?? [];
    group.push({ HostIp: port.hostIp, HostPort: hostPort(port) });
    groups[key] = group;
  }
  return groups;
}
