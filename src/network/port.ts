// Published ports as docker writes them: parsed, rendered, compared, and the free ones of a range chosen.
// Knows nothing of sockets or rules; whether a port is taken is a question it is given.
import { TsnsError } from "../base/error.ts";
import { isIpv6Address, parseAddress } from "./address.ts";
import type { PortSpec, Protocol } from "./spec.ts";

/** Host address of a port published without one: all IPv4 addresses of the host. */
export const anyAddress = "0.0.0.0";

/** Where host ports are chosen from when none is given: net.ipv4.ip_local_port_range's default. */
export const dynamicRange: readonly [number, number] = [32768, 60999];

const protocols: readonly Protocol[] = ["tcp", "udp", "sctp"];

/**
 * `[IP:][HOST[-END]:]CONTAINER[-END][/PROTOCOL]` to one PortSpec per container port. `80`, `IP::80` leave the host port to
 * be chosen; a host range with one container port lets it be chosen from the range. Throws TsnsError invalid `bad-port`.
 */
export function parsePort(text: string): PortSpec[] {
  const { address, host, container, protocol } = splitPort(text);
  const hostIp = parseHostIp(text, address);
  const [first, last] = parseRange(text, container, "container port");
  if (first === 0) throw bad(text, "the container port is 0");
  if (host === "" || host === "0") return expand(first, last, (containerPort) => ({ hostIp, hostPort: 0, containerPort, protocol }));
  const [hostFirst, hostLast] = parseRange(text, host, "host port");
  if (first === last && hostLast > hostFirst) {
    return [{ hostIp, hostPort: hostFirst, hostPortEnd: hostLast, containerPort: first, protocol }];
  }
  if (hostLast - hostFirst !== last - first) throw bad(text, "the two ranges differ in length");
  return expand(first, last, (containerPort) => ({ hostIp, hostPort: hostFirst + containerPort - first, containerPort, protocol }));
}

function splitPort(text: string): { address: string; host: string; container: string; protocol: Protocol } {
  const slash = text.lastIndexOf("/");
  const protocol = (slash < 0 ? "tcp" : text.slice(slash + 1).toLowerCase()) as Protocol;
  if (!protocols.includes(protocol)) throw bad(text, `"${protocol}" is no protocol`);
  const ports = slash < 0 ? text : text.slice(0, slash);
  const bracketed = /^\[([^\]]*)\]:(.*)$/.exec(ports);
  const rest = bracketed ? (bracketed[2] ?? "") : ports;
  const parts = rest.split(":");
  if (bracketed && parts.length === 2) return { address: bracketed[1] || "[]", host: parts[0] ?? "", container: parts[1] ?? "", protocol };
  if (bracketed || parts.length > 3) throw bad(text, "too many or too few parts");
  const container = parts.at(-1) ?? "";
  return { address: parts.length === 3 ? (parts[0] ?? "") : "", host: parts.at(-2) ?? "", container, protocol };
}

function parseHostIp(text: string, address: string): string {
  if (address === "") return anyAddress;
  if (parseAddress(address) === undefined && !isIpv6Address(address)) throw bad(text, `"${address}" is no IP address`);
  return address;
}

function parseRange(text: string, range: string, what: string): [number, number] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(range);
  const first = Number(match?.[1] ?? -1);
  const last = Number(match?.[2] ?? first);
  if (!match || first > 65535 || last > 65535) throw bad(text, `"${range}" is no ${what} from 0 to 65535`);
  if (last < first || (first === 0 && match[2] !== undefined)) throw bad(text, `the range ${range} is empty or starts at 0`);
  return [first, last];
}

function expand(first: number, last: number, make: (port: number) => PortSpec): PortSpec[] {
  return Array.from({ length: last - first + 1 }, (_, index) => make(first + index));
}

function bad(text: string, why: string): TsnsError {
  return new TsnsError("invalid", "bad-port", `cannot publish "${text}": ${why}`, {
    hint: "write it as [IP:][HOST-PORT:]CONTAINER-PORT[/tcp|udp|sctp], e.g. 127.0.0.1:8080:80",
  });
}

/** True when the two cannot be published together: same protocol and port, and one address covers the other. */
export function portsConflict(one: PortSpec, other: PortSpec): boolean {
  if (one.protocol !== other.protocol || one.hostPort !== other.hostPort || one.hostPort === 0) return false;
  return one.hostIp === other.hostIp || isWildcard(one.hostIp) || isWildcard(other.hostIp);
}

function isWildcard(ip: string): boolean {
  return ip === anyAddress || ip === "::";
}

/**
 * Gives each port without a fixed host port one for which `taken` says no, searching from `start` on around the range
 * (its own, or `dynamicRange`). Throws TsnsError conflict `port-taken` for a fixed port that is taken or asked for
 * twice, unavailable `no-free-port` when a range is used up.
 */
export function assignPorts(
  ports: readonly PortSpec[],
  taken: (port: PortSpec) => boolean,
  start: number = dynamicRange[0],
): readonly PortSpec[] {
  const given: PortSpec[] = [];
  const isFree = (port: PortSpec): boolean => !given.some((other) => portsConflict(port, other)) && !taken(port);
  const isFixed = (port: PortSpec): boolean => port.hostPort > 0 && port.hostPortEnd === undefined;
  for (const port of ports.filter(isFixed)) {
    if (!isFree(port)) throw portTaken(port);
    given.push(port);
  }
  return ports.map((port) => {
    if (isFixed(port)) return port;
    const chosen = choosePort(port, isFree, start);
    given.push(chosen);
    return chosen;
  });
}

function choosePort(port: PortSpec, isFree: (port: PortSpec) => boolean, start: number): PortSpec {
  const [first, last] = port.hostPortEnd === undefined ? dynamicRange : [port.hostPort, port.hostPortEnd];
  const count = last - first + 1;
  const offset = start >= first && start <= last ? start - first : 0;
  const { hostIp, containerPort, protocol } = port;
  for (let tried = 0; tried < count; tried++) {
    const candidate: PortSpec = { hostIp, hostPort: first + ((offset + tried) % count), containerPort, protocol };
    if (isFree(candidate)) return candidate;
  }
  throw new TsnsError("unavailable", "no-free-port", `no free host port from ${first} to ${last} for ${containerPort}/${protocol}`, {
    hint: "publish another range, or stop what uses it",
  });
}

/** The error for a host port that is in use; `holder` names who has it, e.g. "nginx (pid 812)". */
export function portTaken(port: PortSpec, holder?: string): TsnsError {
  const by = holder === undefined ? "" : ` by ${holder}`;
  return new TsnsError("conflict", "port-taken", `host port ${renderHost(port)}/${port.protocol} is already in use${by}`, {
    hint: "publish another host port, or stop what uses it",
  });
}

function renderHost(port: PortSpec): string {
  const ip = port.hostIp.includes(":") ? `[${port.hostIp}]` : port.hostIp;
  return `${ip}:${port.hostPort}`;
}

/** As `docker port` prints it: `80/tcp -> 0.0.0.0:8080`. */
export function renderPort(port: PortSpec): string {
  return `${port.containerPort}/${port.protocol} -> ${renderHost(port)}`;
}

/** As `docker ps` prints it: `0.0.0.0:8080->80/tcp, ...`. */
export function renderPortColumn(ports: readonly PortSpec[]): string {
  return ports.map((port) => `${renderHost(port)}->${port.containerPort}/${port.protocol}`).join(", ");
}
