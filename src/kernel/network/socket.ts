// Sockets that take packets from anybody, of any network namespace: sock_diag(7) where the kernel has it, else /proc/PID/net
// (proc_pid_net(5)), which does not say whether an IPv6 socket takes IPv4. Knows no processes.
import { littleEndian } from "../../base/byte-order.ts";
import { join, renderMessage, u32 } from "../../network/message.ts";
import type { IpAddress } from "../../network/rule/address.ts";
import type { TracedProtocol } from "../../network/trace/packet.ts";
import type { Listener } from "../../network/trace/space.ts";
import { parseAttributes, parseNumber } from "../netlink/decode.ts";
import { type Exchange, type Reply, tryExchangesIn } from "../netlink/relay.ts";
import { parseReceivers, parseSocketRows, type SocketRow, unmapped } from "../proc/inet-socket.ts";
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
    address: unmapped(address),
    port: view.getUint16(4),
    inode: view.getUint32(68, littleEndian),
    ...(family === "ipv6" && only !== undefined ? { takesIpv4: only === 0 } : {}),
  };
}

/** All sockets of a protocol in a namespace that has a process; none when they are not ours to see. */
export function readSocketRows(place: NamespacePlace, protocol: TracedProtocol): readonly SocketRow[] {
  return [protocol, `${protocol}6`].flatMap((file) => parseSocketRows(readNetFile(place, file) ?? ""));
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
  return texts.includes(undefined)
    ? undefined
    : texts.flatMap((text) =>
        parseReceivers(text ?? "", protocol).map(({ local, localPort, inode }) => ({ address: local, port: localPort, inode })),
      );
}
