// Who listens on a port of this host, read synchronously from /proc/net (proc_net_tcp(5)); processes are searched only when
// there is a listener to name.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { isIpv6Address, parseAddress } from "../../network/address.ts";
import type { Protocol } from "../../network/spec.ts";
import { parseHexAddress } from "./route.ts";

export interface Listener {
  /** IPv4 address as a number; "any6" for ::, which takes IPv4 as well; "other" for other IPv6 addresses. */
  readonly address: number | "any6" | "other";
  readonly port: number;
  readonly inode: string;
}

export interface PortHolder {
  /** 0 and "unknown" when no visible process has the socket (another pid namespace, or the kernel itself). */
  readonly pid: number;
  readonly command: string;
}

const listen = "0A"; // TCP_LISTEN
const unconnected = "07"; // TCP_CLOSE: a UDP socket that is bound only

/** Lines of /proc/net/{tcp,tcp6,udp,udp6} that receive from anybody: listening TCP, UDP that is not connected. */
export function parseListeners(text: string, protocol: Protocol): Listener[] {
  const wanted = protocol === "tcp" ? listen : unconnected;
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const [ip, port] = fields[1]?.split(":") ?? [];
      const inode = fields[9];
      if (ip === undefined || port === undefined || inode === undefined || fields[3] !== wanted) return [];
      return [{ address: parseSocketAddress(ip), port: Number.parseInt(port, 16), inode }];
    });
}

function parseSocketAddress(hex: string): Listener["address"] {
  if (hex.length === 8) return parseHexAddress(hex);
  if (/^0+$/.test(hex)) return "any6";
  // ::ffff:a.b.c.d is printed as four words in host order.
  return /^0{16}(0000FFFF|FFFF0000)/.test(hex) ? parseHexAddress(hex.slice(24)) : "other";
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return "";
    throw error;
  }
}

/**
 * The process that already receives on a host port, undefined when it is free. `ip` "" or "0.0.0.0" asks for all addresses.
 * SCTP sockets are not listed by the kernel in this form and never found.
 */
export function portHolder(protocol: Protocol, ip: string, port: number): PortHolder | undefined {
  if (protocol === "sctp") return undefined;
  const wanted = parseAddress(ip) ?? 0;
  const asksIpv6 = isIpv6Address(ip);
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  for (const file of [protocol, `${protocol}6`]) {
    const text = read(`/proc/self/net/${file}`);
    if (!text.includes(suffix)) continue;
    const listener = parseListeners(text, protocol).find(
      (candidate) => candidate.port === port && covers(candidate.address, wanted, asksIpv6),
    );
    if (listener) return findProcess(listener.inode);
  }
  return undefined;
}

/** Every port that some socket of this network namespace receives on, at any address, ascending. None are known for SCTP. */
export function readListeningPorts(protocol: Protocol): readonly number[] {
  if (protocol === "sctp") return [];
  const found = [protocol, `${protocol}6`].flatMap((file) => parseListeners(read(`/proc/self/net/${file}`), protocol));
  return [...new Set(found.map(({ port }) => port))].sort((one, other) => one - other);
}

function covers(address: Listener["address"], wanted: number, asksIpv6: boolean): boolean {
  if (address === "any6") return true;
  if (address === "other") return asksIpv6;
  return !asksIpv6 && (address === 0 || wanted === 0 || address === wanted);
}

/** The process with an open descriptor of a socket inode. */
function findProcess(inode: string): PortHolder {
  const target = `socket:[${inode}]`;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid) || !hasDescriptor(pid, target)) continue;
    return { pid: Number(pid), command: read(`/proc/${pid}/comm`).trim() || "unknown" };
  }
  return { pid: 0, command: "unknown" };
}

function hasDescriptor(pid: string, target: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`) === target;
      } catch {
        return false; // closed meanwhile
      }
    });
  } catch {
    return false; // ended meanwhile, or not ours to see
  }
}
