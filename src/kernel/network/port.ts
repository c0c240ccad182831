// Who listens on a port of this host, read synchronously from /proc/net; processes are searched only when
// there is a listener to name.
import { isIpv6Address, parseAddress } from "../../network/address.ts";
import type { IpAddress } from "../../network/rule/address.ts";
import type { Protocol } from "../../network/spec.ts";
import { readFirstHolder } from "../proc/descriptor.ts";
import { parseReceivers, portMark } from "../proc/inet-socket.ts";
import { readProcessFile } from "../proc/stat.ts";
import { readNetFile } from "./net-file.ts";

export interface PortHolder {
  /** 0 and "unknown" when no visible process has the socket (another pid namespace, or the kernel itself). */
  readonly pid: number;
  readonly command: string;
}

/** Sockets of both families in this process's network namespace; empty where the kernel has no table. */
function readTables(protocol: "tcp" | "udp"): readonly string[] {
  return [protocol, `${protocol}6`].map((file) => readNetFile({ pid: 0 }, file) ?? "");
}

/**
 * The process that already receives on a host port, undefined when it is free. `ip` "" or "0.0.0.0" asks for all addresses.
 * SCTP sockets are not listed by the kernel in this form and never found.
 */
export function portHolder(protocol: Protocol, ip: string, port: number): PortHolder | undefined {
  if (protocol === "sctp") return undefined;
  const wanted = BigInt(parseAddress(ip) ?? 0);
  const asksIpv6 = isIpv6Address(ip);
  const mark = portMark(port);
  for (const text of readTables(protocol)) {
    if (!text.includes(mark)) continue;
    const socket = parseReceivers(text, protocol).find(({ local, localPort }) => localPort === port && covers(local, wanted, asksIpv6));
    if (socket) return findProcess(socket.inode);
  }
  return undefined;
}

/** Every port that some socket of this network namespace receives on, at any address, ascending. None are known for SCTP. */
export function readListeningPorts(protocol: Protocol): readonly number[] {
  if (protocol === "sctp") return [];
  const found = readTables(protocol).flatMap((text) => parseReceivers(text, protocol));
  return [...new Set(found.map(({ localPort }) => localPort))].sort((one, other) => one - other);
}

function covers({ family, value }: IpAddress, wanted: bigint, asksIpv6: boolean): boolean {
  // A socket on :: takes IPv4 as well.
  if (family === "ipv6") return value === 0n || asksIpv6;
  return !asksIpv6 && (value === 0n || wanted === 0n || value === wanted);
}

/** The process with an open descriptor of a socket inode. */
function findProcess(inode: number): PortHolder {
  const pid = readFirstHolder(`socket:[${inode}]`);
  if (pid === undefined) return { pid: 0, command: "unknown" };
  return { pid, command: readProcessFile(pid, "comm")?.trim() || "unknown" };
}
