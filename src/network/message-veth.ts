// The rtnetlink message that makes a veth pair: veth(4), linux/veth.h. Pure. Knows of containers only that their link is made from inside
// their network namespace.
import { flag, ifla, info, join, linkBody, messageType, renderAttribute, renderMessage, text, u32 } from "./message.ts";

const vethPeer = 1; // VETH_INFO_PEER

export interface VethSpec {
  /** Where the first end is made, if not in the network namespace of the socket. */
  readonly namespaceFd?: number;
  /** The end made in the network namespace of the socket. A fixed index lets later messages name it beforehand. */
  readonly name: string;
  readonly index: number;
  readonly mac: Uint8Array;
  readonly mtu: number;
  /** The other end, made in the network namespace that descriptor `peerNamespaceFd` of the sender refers to. */
  readonly peerName: string;
  /** A fixed index of the other end, for messages that can name it by nothing else. */
  readonly peerIndex?: number;
  readonly peerNamespaceFd?: number;
  /** Hardware address of the other end, 6 bytes; absent: the kernel's choice. */
  readonly peerMac?: Uint8Array;
}

/**
 * A veth pair, sent on a socket of the container's network namespace; the host's end is the peer. This way round
 * because only the end named first may be given an index (drivers/net/veth.c takes the peer's only together with it).
 */
export function vethAdd(spec: VethSpec): Uint8Array {
  const peer = join([
    linkBody(spec.peerIndex ?? 0, false),
    ...[
      { type: ifla.name, value: text(spec.peerName) },
      { type: ifla.mtu, value: u32(spec.mtu) },
      ...(spec.peerMac === undefined ? [] : [{ type: ifla.address, value: spec.peerMac }]),
      ...(spec.peerNamespaceFd === undefined ? [] : [{ type: ifla.netNsFd, value: u32(spec.peerNamespaceFd) }]),
    ].map(renderAttribute),
  ]);
  return renderMessage(messageType.newLink, flag.create | flag.exclusive, linkBody(spec.index, false), [
    { type: ifla.name, value: text(spec.name) },
    { type: ifla.address, value: spec.mac },
    { type: ifla.mtu, value: u32(spec.mtu) },
    ...(spec.namespaceFd === undefined ? [] : [{ type: ifla.netNsFd, value: u32(spec.namespaceFd) }]),
    {
      type: ifla.linkinfo,
      value: [
        { type: info.kind, value: text("veth") },
        { type: info.data, value: [{ type: vethPeer, value: peer }] },
      ],
    },
  ]);
}
