// Ports as docker lists them, one below the other and in a column: its order, and those in a row as one. Pure.
import { renderHost } from "./port.ts";
import type { PortSpec } from "./spec.ts";

const compareText = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

/** As `docker port` has them: by the container's port, then protocol, address and host port. */
export const sortPorts = (ports: readonly PortSpec[]): readonly PortSpec[] =>
  ports.toSorted(
    (one, other) =>
      one.containerPort - other.containerPort ||
      compareText(one.protocol, other.protocol) ||
      compareText(one.hostIp, other.hostIp) ||
      one.hostPort - other.hostPort,
  );

/** A published port, or without `hostIp` one that is only exposed. */
interface Entry {
  readonly hostIp?: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: string;
}

interface Run extends Entry {
  last: number;
}

function exposedEntry(text: string): Entry {
  const [port, protocol = "tcp"] = text.split("/");
  return { hostPort: 0, containerPort: Number(port), protocol };
}

const compareEntries = (one: Entry, other: Entry): number =>
  one.containerPort - other.containerPort ||
  compareText(one.hostIp ?? "", other.hostIp ?? "") ||
  one.hostPort - other.hostPort ||
  compareText(one.protocol, other.protocol);

function renderRun({ hostIp, containerPort, protocol, last }: Run): string {
  const rest = last > containerPort ? `-${last}` : "";
  const host = hostIp === undefined ? "" : `${renderHost({ hostIp, hostPort: containerPort })}${rest}->`;
  return `${host}${containerPort}${rest}/${protocol}`;
}

/**
 * As `docker ps` prints them: `99/tcp, 0.0.0.0:8080->80/tcp`; ports in a row that keep their numbers as one, `0.0.0.0:9000-9002->9000-9002/tcp`,
 * those that have another number outside behind them. `exposed`: ports that are not published, as `99/tcp`.
 */
export function renderPortColumn(ports: readonly PortSpec[], exposed: readonly string[] = []): string {
  const ended: Run[] = [];
  const open = new Map<string, Run>();
  const moved: string[] = [];
  for (const entry of [...exposed.map(exposedEntry), ...ports].toSorted(compareEntries)) {
    const { hostIp, hostPort, containerPort, protocol } = entry;
    if (hostIp !== undefined && hostPort !== containerPort) {
      moved.push(`${renderHost({ hostIp, hostPort })}->${containerPort}/${protocol}`);
      continue;
    }
    const key = `${hostIp ?? ""}/${protocol}`;
    const run = open.get(key);
    if (run && containerPort === run.last + 1) run.last = containerPort;
    else {
      if (run) ended.push(run);
      open.set(key, { ...entry, last: containerPort });
    }
  }
  return [...[...ended, ...open.values()].map(renderRun), ...moved].join(", ");
}
