// The tables of internet sockets, /proc/PID/net/{tcp,tcp6,udp,udp6} (proc_pid_net(5)): their lines as values. Opens no file.
import { littleEndian } from "../../base/byte-order.ts";
import type { IpAddress } from "../../network/rule/address.ts";

/** A line of a table. */
export interface SocketRow {
  /** An IPv4 address mapped into IPv6 is the IPv4 address. */
  readonly local: IpAddress;
  readonly localPort: number;
  /** 0 with port 0: not connected. */
  readonly remote: IpAddress;
  readonly remotePort: number;
  /** TCP_* of net/tcp_states.h; UDP sockets are 7 (unconnected) or 1. */
  readonly state: number;
  readonly inode: number;
}

/** What a socket that receives from anybody is in: TCP_LISTEN, and of UDP TCP_CLOSE. */
const receiving = { tcp: 10, udp: 7 } as const;

const rowPattern =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{2}) \S+ \S+ \S+ +\d+ +\d+ (\d+)(?: |$)/;

/** Lines of another form are left out. */
export function parseSocketRows(text: string): readonly SocketRow[] {
  return text.split("\n").flatMap((line): SocketRow[] => {
    const [match, local = "", localPort = "", remote = "", remotePort = "", state = "", inode = ""] = rowPattern.exec(line) ?? [];
    if (match === undefined || local.length !== remote.length) return [];
    const hex = (digits: string) => Number.parseInt(digits, 16);
    return [
      {
        local: parseHostWords(local),
        localPort: hex(localPort),
        remote: parseHostWords(remote),
        remotePort: hex(remotePort),
        state: hex(state),
        inode: Number(inode),
      },
    ];
  });
}

/** Those of them that receive from anybody: listening TCP, UDP that is not connected. */
export function parseReceivers(text: string, protocol: "tcp" | "udp"): readonly SocketRow[] {
  return parseSocketRows(text).filter(({ state, remotePort }) => state === receiving[protocol] && remotePort === 0);
}

/** How a port stands in a line: a table without it need not be parsed. */
export function portMark(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
}

/** One or four 32-bit words, each printed as a number in host order. */
function parseHostWords(hex: string): IpAddress {
  let value = 0n;
  for (const word of hex.match(/.{8}/g) ?? []) {
    const bytes = word.match(/../g) ?? [];
    value = (value << 32n) | BigInt(`0x${(littleEndian ? bytes.reverse() : bytes).join("")}`);
  }
  return unmapped({ family: hex.length === 8 ? "ipv4" : "ipv6", value });
}

/** ::ffff:a.b.c.d is an IPv4 address. */
export function unmapped(address: IpAddress): IpAddress {
  if (address.family === "ipv4" || address.value >> 32n !== 0xffffn) return address;
  return { family: "ipv4", value: address.value & 0xffffffffn };
}
