// Published ports as docker writes them: parsed, rendered, compared, and the free ones of a range chosen.
// Knows nothing of sockets or rules; whether a port is taken is a question it is given.
import { TsnsError } from "../base/error.ts";
import { canonicalAddress } from "./canonical.ts";
import { bracketed, type IpFamily, parseIp } from "./ip.ts";
import { isRelayable } from "./port-relay.ts";
import type { PortSpec, Protocol } from "./spec.ts";

/** All IPv4 addresses of the host. */
export const anyAddress = "0.0.0.0";

/** Host address of a port published without one: all addresses, of the families that the container has. */
export const everyAddress = "";

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
  const protocol = (slash < 0 ? "tcp" : text.slice(slash + 1).toLowerCase() || "tcp") as Protocol;
  if (!protocols.includes(protocol)) throw bad(text, `"${protocol}" is no protocol`);
  const parts = (slash < 0 ? text : text.slice(0, slash)).split(":");
  // What stands before the last two parts is the address, with or without brackets; in brackets it may not be empty.
  const address = parts.slice(0, -2).join(":");
  const enclosed = /^\[(.*)\]$/.exec(address)?.[1];
  return { address: enclosed === "" ? "[]" : (enclosed ?? address), host: parts.at(-2) ?? "", container: parts.at(-1) ?? "", protocol };
}

/** In the one spelling that ports are compared in. */
function parseHostIp(text: string, address: string): string {
  if (address === "") return everyAddress;
  const ip = parseIp(address) && canonicalAddress(address);
  if (ip === undefined) throw bad(text, `"${address}" is no IP address`);
  return ip;
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
  return addressesMeet(one.hostIp, other.hostIp);
}

const isWildcard = (ip: string): boolean => ip === anyAddress || ip === "::";

function addressesMeet(one: string, other: string): boolean {
  if (one === everyAddress || other === everyAddress || one === other) return true;
  return one.includes(":") === other.includes(":") && (isWildcard(one) || isWildcard(other));
}

/** What a container is published by. */
export interface PublishedSide {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  /** What comes by IPv6 is passed on to a container without it: tcp and udp alone can be. */
  readonly relayed?: boolean;
  /** IPv4 address of ports that were given none (com.docker.network.bridge.host_binding_ipv4). */
  readonly hostBinding?: string;
}

/** Whether a port can be published on addresses of a family. */
export const hasFamily = (port: PortSpec, side: PublishedSide, family: IpFamily): boolean =>
  side[family] && (family === "ipv4" || !side.relayed || isRelayable(port));

/**
 * The addresses a port without one is published on, as docker's: of each family that the container has; with an address of the network's
 * choice that one alone. The port is the same on all.
 */
export function bindPort(port: PortSpec, side: PublishedSide): readonly PortSpec[] {
  if (port.hostIp !== everyAddress) return [port];
  const { ipv4, hostBinding = anyAddress } = side;
  const ipv6 = hasFamily(port, side, "ipv6");
  const addresses = [...(ipv4 ? [hostBinding] : []), ...(ipv6 && (hostBinding === anyAddress || !ipv4) ? ["::"] : [])];
  return addresses.map((hostIp) => ({ ...port, hostIp }));
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
  const given = new Map<string, PortSpec[]>();
  const keyOf = ({ protocol, hostPort }: PortSpec): string => `${hostPort}/${protocol}`;
  const isGiven = (port: PortSpec): boolean => given.get(keyOf(port))?.some((other) => portsConflict(port, other)) ?? false;
  const isFree = (port: PortSpec): boolean => !isGiven(port) && !taken(port);
  const give = (port: PortSpec): void => {
    const others = given.get(keyOf(port));
    if (others) others.push(port);
    else given.set(keyOf(port), [port]);
  };
  const isFixed = (port: PortSpec): boolean => port.hostPort > 0 && port.hostPortEnd === undefined;
  for (const port of ports.filter(isFixed)) {
    if (isGiven(port)) throw portTaken(port, "this container itself, which asks for it twice");
    if (taken(port)) throw portTaken(port);
    give(port);
  }
  return ports.map((port) => {
    if (isFixed(port)) return port;
    const chosen = choosePort(port, isFree, start);
    give(chosen);
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

/** `0.0.0.0:8080`, `[::1]:8080`; the number alone for all addresses. */
export function renderHost(port: Pick<PortSpec, "hostIp" | "hostPort">): string {
  if (port.hostIp === everyAddress) return `${port.hostPort}`;
  const ip = bracketed(port.hostIp);
  return `${ip}:${port.hostPort}`;
}

/** As `docker port` prints it: `80/tcp -> 0.0.0.0:8080`. */
export function renderPort(port: PortSpec): string {
  return `${port.containerPort}/${port.protocol} -> ${renderHost(port)}`;
}
