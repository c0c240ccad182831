// What /proc/PID/net says of a socket (proc_pid_net(5)), by its inode; listeners by port for all of a namespace. Who has one open is in
// descriptor.ts.
import { isErrno } from "../../base/error.ts";
import { bracketed } from "../../network/ip.ts";
import { renderIp } from "../../network/rule/address.ts";
import { parseReceivers, parseSocketRows, portMark, type SocketRow } from "./inet-socket.ts";
import { readProcessFile } from "./stat.ts";

/** A line of a table of internet sockets, in words. */
export interface InetSocket {
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  /** "listen", "established" ...; UDP: "unconnected" or "established". */
  readonly state: string;
  readonly inode: number;
}

/** enum of net/tcp_states.h, from 1. */
const states = [
  "established",
  "syn-sent",
  "syn-received",
  "fin-wait-1",
  "fin-wait-2",
  "time-wait",
  "unconnected",
  "close-wait",
  "last-ack",
  "listen",
  "closing",
] as const;

/** A number that has no word stays one, as the table prints it. */
const wordOf = (state: number): string => states[state - 1] ?? state.toString(16).toUpperCase().padStart(2, "0");

/** A line of a table in words. */
export function describeRow({ local, remote, state, ...row }: SocketRow): InetSocket {
  return { ...row, local: renderIp(local), remote: renderIp(remote), state: wordOf(state) };
}

export interface UnixSocket {
  readonly inode: number;
  /** Empty without a name; an abstract one begins with @. */
  readonly path: string;
  readonly listening: boolean;
}

/** Lines of /proc/PID/net/unix. */
export function parseUnixSockets(text: string): readonly UnixSocket[] {
  return text.split("\n").flatMap((line) => {
    const match = /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]{8}) [0-9A-F]{4} [0-9A-F]{2} +(\d+)(?: (.*))?$/s.exec(line);
    if (!match) return [];
    // SO_ACCEPTCON
    const listening = (Number.parseInt(match[1] ?? "0", 16) & 0x10000) !== 0;
    return [{ inode: Number(match[2]), path: match[3] ?? "", listening }];
  });
}

const inetTables = ["tcp", "tcp6", "udp", "udp6"] as const;

function readTable(pid: number, table: string): string {
  try {
    return readProcessFile(pid, `net/${table}`) ?? "";
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM", "EINVAL")) return "";
    throw error;
  }
}

export interface PortListener extends InetSocket {
  readonly protocol: "tcp" | "udp";
}

/** Sockets that receive on a port in the network namespace of a process: listening TCP, UDP that is not connected. */
export function readPortListeners(pid: number, port: number, protocol?: string): readonly PortListener[] {
  const mark = portMark(port);
  return inetTables.flatMap((table) => {
    const family = table.startsWith("tcp") ? "tcp" : "udp";
    if (protocol !== undefined && protocol !== family) return [];
    const text = readTable(pid, table);
    // Most tables do not have the port at all: they are not parsed.
    if (!text.includes(mark)) return [];
    return parseReceivers(text, family)
      .filter(({ localPort }) => localPort === port)
      .map((row) => ({ ...describeRow(row), protocol: family }));
  });
}

/** Unix sockets bound to a path, in the network namespace of a process: their inodes. */
export function readUnixSocketInodes(pid: number, path: string): readonly number[] {
  const text = readTable(pid, "unix");
  if (!text.includes(` ${path}`)) return [];
  return parseUnixSockets(text)
    .filter((socket) => socket.path === path)
    .map(({ inode }) => inode);
}

/** What a socket is, in words, as the network namespace of one of its processes tells; undefined for families without a table. */
export function describeSocket(pid: number, inode: number): string | undefined {
  const mark = ` ${inode} `;
  for (const table of inetTables) {
    const text = readTable(pid, table);
    const row = text.includes(mark) ? parseSocketRows(text).find((candidate) => candidate.inode === inode) : undefined;
    if (row) {
      const socket = describeRow(row);
      const end = (address: string, port: number) => `${bracketed(address)}:${port}`;
      const remote = socket.remotePort === 0 ? "" : ` to ${end(socket.remote, socket.remotePort)}`;
      return `${table.slice(0, 3)} ${end(socket.local, socket.localPort)}${remote}, ${socket.state}`;
    }
  }
  const unix = parseUnixSockets(readTable(pid, "unix")).find((candidate) => candidate.inode === inode);
  if (unix) return `unix ${unix.path || "without a name"}${unix.listening ? ", listen" : ""}`;
  const other = ["packet", "raw", "raw6", "netlink"].find((table) => readTable(pid, table).split(/\s+/).includes(`${inode}`));
  return other;
}
