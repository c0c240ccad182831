// rtnetlink messages for links of any namespace: asking for them, making veth pairs, changing one property at a time, moving. Pure;
// who opens the namespaces' descriptors is whoever sends.
import type { LinkChange } from "../plan/step/link.ts";
import { type Attribute, flag, ifla, info, join, linkBody, messageType, renderAttribute, renderMessage, text, u32 } from "./message.ts";

const getLink = 18; // RTM_GETLINK
const ifla2 = { txQueueLength: 13, alias: 20 } as const;
const vethPeer = 1; // VETH_INFO_PEER
/** IFF_* of linux/if.h */
const linkFlag = { up: 0x1, promiscuous: 0x100 } as const;

/** All links; send it as a dump. */
export function linkList(): Uint8Array {
  return renderMessage(getLink, 0, linkBody(0, false), []);
}

/** One link by name; answered with RTM_NEWLINK. */
export function linkGet(name: string): Uint8Array {
  return renderMessage(getLink, 0, linkBody(0, false), [{ type: ifla.name, value: text(name) }]);
}

export interface VethEnd {
  readonly name: string;
  /** Descriptor of whoever sends; absent: the namespace of the socket. */
  readonly namespaceFd?: number;
  /** Absent: the kernel's default. */
  readonly mtuBytes?: number;
}

function endAttributes({ name, namespaceFd, mtuBytes }: VethEnd): readonly Attribute[] {
  return [
    { type: ifla.name, value: text(name) },
    ...(mtuBytes === undefined ? [] : [{ type: ifla.mtu, value: u32(mtuBytes) }]),
    ...(namespaceFd === undefined ? [] : [{ type: ifla.netNsFd, value: u32(namespaceFd) }]),
  ];
}

/** A veth pair, each end in a namespace of its own choice. */
export function vethPairAdd(end: VethEnd, peer: VethEnd): Uint8Array {
  const nested = join([linkBody(0, false), ...endAttributes(peer).map(renderAttribute)]);
  return renderMessage(messageType.newLink, flag.create | flag.exclusive, linkBody(0, false), [
    ...endAttributes(end),
    {
      type: ifla.linkinfo,
      value: [
        { type: info.kind, value: text("veth") },
        { type: info.data, value: [{ type: vethPeer, value: nested }] },
      ],
    },
  ]);
}

function flagBody(index: number, bit: number, on: boolean): Uint8Array {
  return join([u32(0), u32(index), u32(on ? bit : 0), u32(bit)]);
}

/** What a change is on the wire. `masterIndex` stands for the name in the change. The link is named by index: a name given is a new one. */
export function linkChange(index: number, change: LinkChange, masterIndex = 0): Uint8Array {
  const set = (attributes: readonly Attribute[], body = linkBody(index, false)) => renderMessage(messageType.newLink, 0, body, attributes);
  if ("up" in change) return set([], flagBody(index, linkFlag.up, change.up));
  if ("promiscuous" in change) return set([], flagBody(index, linkFlag.promiscuous, change.promiscuous));
  if ("mtuBytes" in change) return set([{ type: ifla.mtu, value: u32(change.mtuBytes) }]);
  if ("mac" in change) {
    return set([{ type: ifla.address, value: Uint8Array.from(change.mac.split(":"), (byte) => Number.parseInt(byte, 16)) }]);
  }
  if ("newName" in change) return set([{ type: ifla.name, value: text(change.newName) }]);
  if ("master" in change) return set([{ type: ifla.master, value: u32(masterIndex) }]);
  if ("txQueueLength" in change) return set([{ type: ifla2.txQueueLength, value: u32(change.txQueueLength) }]);
  // Without a final NUL, which the kernel would keep as part of the text (net/core/dev.c, dev_set_alias).
  return set([{ type: ifla2.alias, value: new TextEncoder().encode(change.alias) }]);
}

/** Moves a link to the namespace that the sender's descriptor refers to; there it is down, and has the new name if one is given. */
export function linkMove(index: number, namespaceFd: number, newName?: string): Uint8Array {
  return renderMessage(messageType.newLink, 0, linkBody(index, false), [
    { type: ifla.netNsFd, value: u32(namespaceFd) },
    ...(newName === undefined ? [] : [{ type: ifla.name, value: text(newName) }]),
  ]);
}
