// Sockets by inode: who has one open, and what /proc/PID/net says of it (proc_pid_net(5)). Listeners by port for all of a namespace.
import { readdirSync, readlinkSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { renderAddress } from "../../network/address.ts";
import { canonicalAddress, renderIpv6 } from "../../network/canonical.ts";
import { listPids } from "./namespace.ts";
import { readProcessFile } from "./stat.ts";

export interface InetSocket {
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
  /** "listen", "established" ...; UDP: "unconnected" or "established". */
  readonly state: string;
  readonly inode: number;
}

/** enum of net/tcp_states.h. */
const states: Readonly<Record<string, string>> = {
  "01": "established",
  "02": "syn-sent",
  "03": "syn-received",
  "04": "fin-wait-1",
  "05": "fin-wait-2",
  "06": "time-wait",
  "07": "unconnected",
  "08": "close-wait",
  "09": "last-ack",
  "0A": "listen",
  "0B": "closing",
};

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** One or four 32-bit words, each printed as a number in host order. An IPv4 address mapped into IPv6 becomes IPv4. */
function parseHostWords(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => {
    const four = (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
    return littleEndian ? four.reverse() : four;
  });
  const at = (index: number) => bytes[index] ?? 0;
  if (bytes.length === 4) return renderAddress(((at(0) << 24) | (at(1) << 16) | (at(2) << 8) | at(3)) >>> 0);
  const text = renderIpv6(Array.from({ length: 8 }, (_, group) => at(group * 2) * 256 + at(group * 2 + 1)));
  return canonicalAddress(text) ?? text;
}

const inetLine =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) \S+ \S+ \S+ +\d+ +\d+ (\d+)/;

/** Lines of /proc/PID/net/{tcp,tcp6,udp,udp6}; lines of another form are left out. */
export function parseInetSockets(text: string): readonly InetSocket[] {
  return text.split("\n").flatMap((line) => parseInetLine(line) ?? []);
}

function parseInetLine(line: string): InetSocket | undefined {
  const match = inetLine.exec(line);
  if (!match) return undefined;
  const [, local = "", localPort = "", remote = "", remotePort = "", state = "", inode = ""] = match;
  return {
    local: parseHostWords(local),
    localPort: Number.parseInt(localPort, 16),
    remote: parseHostWords(remote),
    remotePort: Number.parseInt(remotePort, 16),
    state: states[state] ?? state,
    inode: Number(inode),
  };
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
  const mark = `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  return inetTables.flatMap((table) => {
    const family = table.startsWith("tcp") ? "tcp" : "udp";
    if (protocol !== undefined && protocol !== family) return [];
    const text = readTable(pid, table);
    // Most tables do not have the port at all: they are not parsed.
    if (!text.includes(mark)) return [];
    const wanted = family === "tcp" ? "listen" : "unconnected";
    return parseInetSockets(text)
      .filter((socket) => socket.localPort === port && socket.state === wanted)
      .map((socket) => ({ ...socket, protocol: family }));
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
    const socket = text.includes(mark) ? parseInetSockets(text).find((candidate) => candidate.inode === inode) : undefined;
    if (socket) {
      const end = (address: string, port: number) => `${address.includes(":") ? `[${address}]` : address}:${port}`;
      const remote = socket.remotePort === 0 ? "" : ` to ${end(socket.remote, socket.remotePort)}`;
      return `${table.slice(0, 3)} ${end(socket.local, socket.localPort)}${remote}, ${socket.state}`;
    }
  }
  const unix = parseUnixSockets(readTable(pid, "unix")).find((candidate) => candidate.inode === inode);
  if (unix) return `unix ${unix.path || "without a name"}${unix.listening ? ", listen" : ""}`;
  const other = ["packet", "raw", "raw6", "netlink"].find((table) => readTable(pid, table).split(/\s+/).includes(`${inode}`));
  return other;
}

/** Processes with a descriptor whose link reads so ("socket:[812]"), lowest pid first. One pass over all descriptors we may see. */
export function readDescriptorHolders(target: string): readonly number[] {
  return listPids().filter((pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === target);
    } catch {
      return false; // ended meanwhile, or not ours to see
    }
  });
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // closed meanwhile
  }
}
