// Who listens on a port of this host, read synchronously from /proc/net; processes are searched only when
// there is a listener to name.
import { type IpAddress, parseIp } from "../../network/ip.ts";
import type { Protocol } from "../../network/spec.ts";
import { readFirstHolder } from "../proc/descriptor.ts";
import { parseReceivers, portMark, type SocketRow } from "../proc/inet-socket.ts";
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

/** Asks who already receives on host ports. */
export interface PortHolders {
  /** Undefined when the port is free. `ip` "": any address; "0.0.0.0" and "::" any of the family. SCTP sockets are never found: the kernel lists none in this form. */
  holderOf(protocol: Protocol, ip: string, port: number): PortHolder | undefined;
}

interface SocketTable {
  readonly text: string;
  sockets?: ReadonlyMap<number, readonly SocketRow[]>;
}

/** Each table of the kernel is read once, at the first question about its protocol. */
export function openPortHolders(): PortHolders {
  const known = new Map<string, readonly SocketTable[]>();
  return {
    holderOf(protocol, ip, port) {
      if (protocol === "sctp") return undefined;
      const tables: readonly SocketTable[] = known.get(protocol) ?? readTables(protocol).map((text) => ({ text }));
      known.set(protocol, tables);
      const mark = portMark(port);
      for (const table of tables) {
        if (!table.text.includes(mark)) continue;
        table.sockets ??= Map.groupBy(parseReceivers(table.text, protocol), ({ localPort }) => localPort);
        const socket = table.sockets.get(port)?.find(({ local }) => covers(local, ip));
        if (socket) return findProcess(socket.inode);
      }
      return undefined;
    },
  };
}

/** As `PortHolders.holderOf`, for one question. */
export const portHolder = (protocol: Protocol, ip: string, port: number): PortHolder | undefined =>
  openPortHolders().holderOf(protocol, ip, port);

/** Every port that some socket of this network namespace receives on, at any address, ascending. None are known for SCTP. */
export function readListeningPorts(protocol: Protocol): readonly number[] {
  if (protocol === "sctp") return [];
  const found = readTables(protocol).flatMap((text) => parseReceivers(text, protocol));
  return [...new Set(found.map(({ localPort }) => localPort))].sort((one, other) => one - other);
}

function covers(local: IpAddress, ip: string): boolean {
  const wanted = parseIp(ip);
  // A socket on :: takes IPv4 as well.
  if (!wanted || (local.family === "ipv6" && local.value === 0n)) return true;
  return local.family === wanted.family && (local.value === 0n || wanted.value === 0n || local.value === wanted.value);
}

/** The process with an open descriptor of a socket inode. */
function findProcess(inode: number): PortHolder {
  const pid = readFirstHolder(`socket:[${inode}]`);
  if (pid === undefined) return { pid: 0, command: "unknown" };
  return { pid, command: readProcessFile(pid, "comm")?.trim() || "unknown" };
}
