// rtnetlink messages for addresses of both families, rtnetlink(7). Pure.
import { broadcastOf, bytesOfAddress, type Prefix } from "./link-address.ts";
import { type Attribute, flag, join, messageType, renderMessage, u32 } from "./message.ts";

const type = { remove: 21, list: 22 } as const; // RTM_DELADDR, RTM_GETADDR
const ifa = { address: 1, local: 2, broadcast: 4, flags: 8 } as const;
const withoutDetection = 0x02; // IFA_F_NODAD

/** struct ifaddrmsg */
function addressBody({ family, prefixLength }: Pick<Prefix, "family" | "prefixLength">, linkIndex: number, scope: number): Uint8Array {
  return join([Uint8Array.of(family, prefixLength, 0, scope), u32(linkIndex)]);
}

/** All addresses of both families; send it as a dump. */
export function addressList(): Uint8Array {
  return renderMessage(type.list, 0, new Uint8Array(8), []);
}

/** Addresses of 127.0.0.0/8 are the host's own alone. */
function scopeOf({ address }: Prefix): number {
  return address.startsWith("127.") ? 254 : 0;
}

/** Adds an address, an IPv4 one with the broadcast address of its network. `detect` false: without looking for duplicates (IPv6). */
export function prefixAdd(linkIndex: number, prefix: Prefix, detect = true): Uint8Array {
  const value = bytesOfAddress(prefix.address);
  const broadcast = broadcastOf(prefix);
  const attributes: Attribute[] = [
    { type: ifa.local, value },
    { type: ifa.address, value },
    ...(broadcast === undefined || scopeOf(prefix) !== 0 ? [] : [{ type: ifa.broadcast, value: bytesOfAddress(broadcast) }]),
    ...(detect ? [] : [{ type: ifa.flags, value: u32(withoutDetection) }]),
  ];
  return renderMessage(messageType.newAddress, flag.create | flag.exclusive, addressBody(prefix, linkIndex, scopeOf(prefix)), attributes);
}

export function prefixRemove(linkIndex: number, prefix: Prefix): Uint8Array {
  const value = bytesOfAddress(prefix.address);
  return renderMessage(type.remove, 0, addressBody(prefix, linkIndex, 0), [{ type: ifa.local, value }]);
}
