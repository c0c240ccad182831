// Sockets that take packets from anybody, of any network namespace: sock_diag(7) where the kernel has it, else /proc/PID/net
// (proc_pid_net(5)), which does not say whether an IPv6 socket takes IPv4. Knows no processes but where asked for an inode's owner.
import { readdirSync, readlinkSync } from "node:fs";
import { join, renderMessage, u32 } from "../../network/message.ts";
import type { IpAddress } from "../../network/rule/address.ts";
import type { TracedProtocol } from "../../network/trace/packet.ts";
import type { Listener } from "../../network/trace/space.ts";
import { parseAttributes, parseNumber } from "../netlink/decode.ts";
import { type Exchange, type Reply, tryExchangesIn } from "../netlink/relay.ts";
import { listPids } from "../proc/namespace.ts";
import { type NamespacePlace, readNetFile } from "./net-file.ts";

const socketDiagnosis = 4; // NETLINK_SOCK_DIAG
const byFamily = 20; // SOCK_DIAG_BY_FAMILY
const protocolNumber = { tcp: 6, udp: 17 } as const;
/** Bit of TCP_LISTEN, and of TCP_CLOSE, which is what an unconnected UDP socket is in. */
const receiving = { tcp: 1 << 10, udp: 1 << 7 } as const;
const familyNumber = { ipv4: 2, ipv6: 10 } as const;
const headLength = 72; // struct inet_diag_msg
const onlyIpv6 = 11; // INET_DIAG_SKV6ONLY

function question(protocol: TracedProtocol, family: "ipv4" | "ipv6"): Exchange {
  // struct inet_diag_req_v2 with an empty inet_diag_sockid
  const body = join([Uint8Array.of(familyNumber[family], protocolNumber[protocol], 0, 0), u32(receiving[protocol]), new Uint8Array(48)]);
  return { message: renderMessage(byFamily, 0, body, []), dump: true, verb: "list", target: `${protocol} sockets` };
}

function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

/** struct inet_diag_msg; undefined for another message, one too short, or a socket that is connected. */
export function parseSocketReply({ data }: Reply): Listener | undefined {
  if (data.length < headLength) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const number = view.getUint8(0);
  if (number !== familyNumber.ipv4 && number !== familyNumber.ipv6) return undefined;
  if (view.getUint16(6) !== 0) return undefined;
  const family = number === familyNumber.ipv4 ? "ipv4" : "ipv6";
  const address: IpAddress = { family, value: bigEndian(data.subarray(8, family === "ipv4" ? 12 : 24)) };
  const only = parseNumber(parseAttributes(data.subarray(headLength)).get(onlyIpv6));
  return {
    ...mapped(address),
    port: view.getUint16(4),
    inode: view.getUint32(68, littleEndian),
    ...(family === "ipv6" && only !== undefined ? { takesIpv4: only === 0 } : {}),
  };
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** ::ffff:a.b.c.d is an IPv4 address. */
function mapped(address: IpAddress): { readonly address: IpAddress } {
  if (address.family === "ipv6" && address.value >> 32n === 0xffffn)
    return { address: { family: "ipv4", value: address.value & 0xffffffffn } };
  return { address };
}

/** A line of /proc/net/{tcp,tcp6,udp,udp6}. */
export interface SocketRow {
  readonly local: IpAddress;
  readonly localPort: number;
  /** 0 with port 0: not connected. */
  readonly remote: IpAddress;
  readonly remotePort: number;
  /** TCP_* of net/tcp_states.h; UDP sockets are 7 (unconnected) or 1. */
  readonly state: number;
  readonly inode: number;
}

const rowPattern =
  /^\s*\d+: ((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4}) ((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4}) ([0-9A-F]{2}) \S+ \S+ \S+ +\d+ +\d+ (\d+) /;

/** Lines of another form are left out. */
export function parseSocketRows(text: string): readonly SocketRow[] {
  return text.split("\n").flatMap((line): SocketRow[] => {
    const match = rowPattern.exec(line);
    const [, local = "", localPort = "", remote = "", remotePort = "", state = "", inode = ""] = match ?? [];
    if (!match || local.length !== remote.length || (local.length !== 8 && local.length !== 32)) return [];
    const hex = (digits: string) => Number.parseInt(digits, 16);
    return [
      {
        local: mapped(parseHostWords(local)).address,
        localPort: hex(localPort),
        remote: mapped(parseHostWords(remote)).address,
        remotePort: hex(remotePort),
        state: hex(state),
        inode: Number(inode),
      },
    ];
  });
}

/** Those of them that receive from anybody. */
export function parseSocketTable(text: string, protocol: TracedProtocol): readonly Listener[] {
  const wanted = protocol === "tcp" ? 10 : 7;
  return parseSocketRows(text)
    .filter(({ state, remotePort }) => state === wanted && remotePort === 0)
    .map(({ local, localPort, inode }) => ({ address: local, port: localPort, inode }));
}

/** All sockets of a protocol in a namespace that has a process; none when they are not ours to see. */
export function readSocketRows(place: NamespacePlace, protocol: TracedProtocol): readonly SocketRow[] {
  return [protocol, `${protocol}6`].flatMap((file) => parseSocketRows(readNetFile(place, file) ?? ""));
}

/** One or four 32-bit words, each printed as a number in host order. */
function parseHostWords(hex: string): IpAddress {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => {
    const four = (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
    return littleEndian ? four.reverse() : four;
  });
  return { family: bytes.length === 4 ? "ipv4" : "ipv6", value: bigEndian(Uint8Array.from(bytes)) };
}

/** Sockets that receive from anybody; undefined when they are not ours to see. */
export function readListeners(place: NamespacePlace, protocol: TracedProtocol): readonly Listener[] | undefined {
  const answers = (["ipv4", "ipv6"] as const).map((family) => question(protocol, family));
  const [found] = tryExchangesIn([place.path ?? ""], answers, { family: socketDiagnosis });
  if (found?.every(({ errno }) => errno === undefined))
    return found.flatMap(({ replies }) => replies.flatMap((reply) => parseSocketReply(reply) ?? []));
  return readSocketTables(place, protocol);
}

function readSocketTables(place: NamespacePlace, protocol: TracedProtocol): readonly Listener[] | undefined {
  const texts = [protocol, `${protocol}6`].map((file) => readNetFile(place, file));
  return texts.includes(undefined) ? undefined : texts.flatMap((text) => parseSocketTable(text ?? "", protocol));
}

/** Lowest pid that has each of these sockets open; one pass over all descriptors we may see. */
export function readSocketOwners(inodes: ReadonlySet<number>): ReadonlyMap<number, number> {
  const owners = new Map<number, number>();
  if (inodes.size === 0) return owners;
  for (const pid of listPids()) {
    if (owners.size === inodes.size) break;
    for (const fd of descriptorsOf(pid)) {
      const inode = socketInode(`/proc/${pid}/fd/${fd}`);
      if (inode !== undefined && inodes.has(inode) && !owners.has(inode)) owners.set(inode, pid);
    }
  }
  return owners;
}

function descriptorsOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return []; // ended meanwhile, or not ours to see
  }
}

function socketInode(path: string): number | undefined {
  try {
    const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(path));
    return match ? Number(match[1]) : undefined;
  } catch {
    return undefined; // closed meanwhile
  }
}
