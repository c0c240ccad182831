// The other way: attributes out of bytes that the kernel sent. For what the netlink package leaves undecoded.
import { littleEndian } from "../../base/byte-order.ts";

/** Attributes by type; the last of equal ones stays. Broken lengths end the list (rtnetlink(7): nla_ok). */
export function parseAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const attributes = new Map<number, Uint8Array>();
  let at = 0;
  while (at + 4 <= bytes.length) {
    const length = view.getUint16(at, littleEndian);
    if (length < 4 || at + length > bytes.length) break;
    attributes.set(view.getUint16(at + 2, littleEndian) & 0x3fff, bytes.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return attributes;
}

/** A number of 1, 2 or 4 bytes in host order; undefined for another length. */
export function parseNumber(bytes: Uint8Array | undefined): number | undefined {
  if (!bytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 4) return view.getUint32(0, littleEndian);
  if (bytes.length === 2) return view.getUint16(0, littleEndian);
  return bytes.length === 1 ? view.getUint8(0) : undefined;
}

/** A string up to its NUL. */
export function parseText(bytes: Uint8Array | undefined): string | undefined {
  if (!bytes) return undefined;
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
