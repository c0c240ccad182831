// Published ports as a picture words them: "0.0.0.0:8080 → 80/tcp", neighbouring ones of equal distance as one range. Pure.
import { bracketed } from "../ip.ts";
import type { PortSpec } from "../spec.ts";

interface Range {
  readonly port: PortSpec;
  /** How many ports follow the first. */
  readonly more: number;
}

const continues = ({ port, more }: Range, next: PortSpec): boolean =>
  next.hostIp === port.hostIp &&
  next.protocol === port.protocol &&
  next.hostPort === port.hostPort + more + 1 &&
  next.containerPort === port.containerPort + more + 1;

function rangesOf(ports: readonly PortSpec[]): readonly Range[] {
  const ranges: Range[] = [];
  for (const port of ports) {
    const at = ranges.findLastIndex((range) => range.port.hostIp === port.hostIp && range.port.protocol === port.protocol);
    const last = ranges[at];
    if (last && continues(last, port)) ranges[at] = { port: last.port, more: last.more + 1 };
    else ranges.push({ port, more: 0 });
  }
  return ranges;
}

const rangeText = (first: number, more: number): string => (more === 0 ? `${first}` : `${first}-${first + more}`);

/** In the order they were published; `*`: every address of the host, of both families. */
export function renderMapPorts(ports: readonly PortSpec[]): readonly string[] {
  return rangesOf(ports).map(({ port: { hostIp, hostPort, containerPort, protocol }, more }) => {
    const host = hostIp === "" ? "*" : bracketed(hostIp);
    return `${host}:${rangeText(hostPort, more)} → ${rangeText(containerPort, more)}/${protocol}`;
  });
}
