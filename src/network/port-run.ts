// Published ports in a row, which are one rule, and one line in a monitor's table. Pure.
import type { PortSpec, Protocol } from "./spec.ts";

/** Ports in a row of the same address and protocol, `shift` between the host's and the container's. */
export interface PortRun {
  readonly hostIp: string;
  readonly protocol: Protocol;
  readonly from: number;
  readonly to: number;
  readonly shift: number;
}

export function portRuns(ports: readonly PortSpec[]): readonly PortRun[] {
  const runs: { -readonly [K in keyof PortRun]: PortRun[K] }[] = [];
  for (const { hostIp, hostPort, containerPort, protocol } of ports) {
    const shift = containerPort - hostPort;
    // The two families of a port stand beside each other.
    const last = runs.findLast((run) => run.hostIp === hostIp && run.protocol === protocol);
    if (last && last.to === hostPort - 1 && last.shift === shift) last.to = hostPort;
    else runs.push({ hostIp, protocol, from: hostPort, to: hostPort, shift });
  }
  return runs;
}
