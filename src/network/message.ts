// rtnetlink messages as bytes: rtnetlink(7), linux/if_link.h, linux/rtnetlink.h; how they are built, and those on links. Pure and light
// to load, because the messages of a container's start are encoded here and beside and sent by the native helper. Opens no socket.

/** Message types, linux/rtnetlink.h. */
export const messageType = { newLink: 16, delLink: 17, setLink: 19, newAddress: 20, newRoute: 24 } as const;

/** Flags of a request, linux/netlink.h. */
export const flag = { request: 0x1, ack: 0x4, replace: 0x100, exclusive: 0x200, create: 0x400 } as const;
const interfaceUp = 0x1; // IFF_UP
const nested = 0x8000; // NLA_F_NESTED

/** linux/if_link.h */
export const ifla = { address: 1, name: 3, mtu: 4, master: 10, linkinfo: 18, familySpec: 26, netNsFd: 28 } as const;
export const info = { kind: 1, data: 2, slaveKind: 4, slaveData: 5 } as const;

/** An attribute: bytes, or nested attributes. */
export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array | readonly Attribute[];
}

/** Joins byte arrays. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Numbers in netlink are in the host's byte order. */
export function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

export function u16(value: number): Uint8Array {
  return new Uint8Array(Uint16Array.of(value).buffer);
}

/** A string with its final NUL. */
export function text(value: string): Uint8Array {
  return new TextEncoder().encode(`${value}\0`);
}

function padding(length: number): Uint8Array {
  return new Uint8Array(-length & 3);
}

/** One attribute, padded to four bytes (the length field does not count the padding). */
export function renderAttribute(attribute: Attribute): Uint8Array {
  const isBytes = attribute.value instanceof Uint8Array;
  const value = isBytes ? (attribute.value as Uint8Array) : join((attribute.value as readonly Attribute[]).map(renderAttribute));
  return join([u16(value.length + 4), u16(attribute.type | (isBytes ? 0 : nested)), value, padding(value.length)]);
}

/** nlmsghdr, body, attributes. The kernel answers with the given sequence number; the port is filled in by the kernel. */
export function renderMessage(type: number, flags: number, body: Uint8Array, attributes: readonly Attribute[], sequence = 1): Uint8Array {
  const payload = join([body, padding(body.length), ...attributes.map(renderAttribute)]);
  return join([u32(payload.length + 16), u16(type), u16(flags | flag.request | flag.ack), u32(sequence), u32(0), payload]);
}

/** struct ifinfomsg; `up` sets IFF_UP and leaves the other flags alone. */
export function linkBody(index: number, up: boolean): Uint8Array {
  const flags = up ? interfaceUp : 0;
  return join([u32(0), u32(index), u32(flags), u32(flags)]);
}

/** A link by index, or by name. */
export type LinkRef = { readonly index: number } | { readonly name: string };

/** For the body of a message. */
export function refIndex(link: LinkRef): number {
  return "index" in link ? link.index : 0;
}

export function refAttributes(link: LinkRef): Attribute[] {
  return "name" in link ? [{ type: ifla.name, value: text(link.name) }] : [];
}

/** A bridge with a fixed hardware address, so that it does not change as ports come and go. */
export function bridgeAdd(name: string, mac: Uint8Array, mtu?: number): Uint8Array {
  return renderMessage(messageType.newLink, flag.create | flag.exclusive, linkBody(0, false), [
    { type: ifla.name, value: text(name) },
    { type: ifla.address, value: mac },
    ...(mtu === undefined ? [] : [{ type: ifla.mtu, value: u32(mtu) }]),
    { type: ifla.linkinfo, value: [{ type: info.kind, value: text("bridge") }] },
  ]);
}

/** A link that gives back what is redirected to it (ifb): where incoming packets can wait. */
export function ifbAdd(name: string, index: number): Uint8Array {
  return renderMessage(messageType.newLink, flag.create | flag.exclusive, linkBody(index, false), [
    { type: ifla.name, value: text(name) },
    { type: ifla.linkinfo, value: [{ type: info.kind, value: text("ifb") }] },
  ]);
}

/** Sets IFF_UP. */
export function linkUp(link: LinkRef): Uint8Array {
  return renderMessage(messageType.newLink, 0, linkBody(refIndex(link), true), refAttributes(link));
}

/** Makes a link a port of the bridge with index `bridgeIndex` and sets IFF_UP, in this order. */
export function portAdd(link: LinkRef, bridgeIndex: number): Uint8Array {
  return renderMessage(messageType.newLink, 0, linkBody(refIndex(link), true), [
    ...refAttributes(link),
    { type: ifla.master, value: u32(bridgeIndex) },
  ]);
}

export function linkRemove(link: LinkRef): Uint8Array {
  return renderMessage(messageType.delLink, 0, linkBody(refIndex(link), false), refAttributes(link));
}

/** As an argument of the native helper's `netlink` operation. */
export function renderHex(message: Uint8Array): string {
  return Buffer.from(message.buffer, message.byteOffset, message.length).toString("hex");
}
