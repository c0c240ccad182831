// Addresses and forwarding entries out of rtnetlink messages: linux/if_addr.h, linux/neighbour.h. Pure; takes any bytes, undefined where they are too few.
import { littleEndian } from "../../base/byte-order.ts";
import { renderAddress } from "../../network/address.ts";
import { renderIpv6 } from "../../network/canonical.ts";
import type { ForwardingEntry } from "../../network/link-state.ts";
import { renderMac } from "../../network/mac.ts";
import { parseAttributes, parseNumber } from "./decode.ts";

export interface LinkAddress {
  readonly linkIndex: number;
  readonly address: string;
  readonly prefixLength: number;
  /** Valid on the link itself alone (fe80::/10, 169.254.0.0/16). */
  readonly linkLocal: boolean;
}

const empty = new Uint8Array();

function parseBytes(data: Uint8Array, bodyLength: number) {
  if (data.length < bodyLength) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return { view, attributes: parseAttributes(data.subarray(bodyLength)) };
}

/** An IP address of 4 or 16 bytes; empty for anything else. */
export function renderIp(bytes: Uint8Array | undefined): string {
  if (bytes?.length === 4) return renderAddress(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0));
  if (bytes?.length !== 16) return "";
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  return renderIpv6(Array.from({ length: 8 }, (_, at) => view.getUint16(at * 2)));
}

const scopeLink = 253; // RT_SCOPE_LINK

/** RTM_NEWADDR: struct ifaddrmsg and IFA_*. */
export function parseLinkAddress(data: Uint8Array): LinkAddress | undefined {
  const parsed = parseBytes(data, 8);
  if (!parsed) return undefined;
  const { view, attributes } = parsed;
  return {
    linkIndex: view.getUint32(4, littleEndian),
    address: renderIp(attributes.get(2) ?? attributes.get(1)), // IFA_LOCAL, IFA_ADDRESS
    prefixLength: view.getUint8(1),
    linkLocal: view.getUint8(3) === scopeLink,
  };
}

const neighbourState = { noArp: 0x40, permanent: 0x80 } as const;
const neighbourSelf = 2; // NTF_SELF: the device's own filter, not the bridge's table

/** RTM_NEWNEIGH of AF_BRIDGE; undefined for what is not in a bridge's table. */
export function parseForwardingEntry(data: Uint8Array): ForwardingEntry | undefined {
  const parsed = parseBytes(data, 12);
  const bridgeIndex = parseNumber(parsed?.attributes.get(9)); // NDA_MASTER
  if (!parsed || !bridgeIndex) return undefined;
  const { view, attributes } = parsed;
  const state = view.getUint16(8, littleEndian);
  if (view.getUint8(10) & neighbourSelf) return undefined;
  const cache = attributes.get(3); // struct nda_cacheinfo: confirmed, used, updated, refcnt
  const vlan = parseNumber(attributes.get(5));
  return {
    linkIndex: view.getInt32(4, littleEndian),
    bridgeIndex,
    mac: renderMac(attributes.get(2) ?? empty),
    local: (state & neighbourState.permanent) !== 0,
    fixed: (state & (neighbourState.permanent | neighbourState.noArp)) !== 0,
    ageCentiseconds: cache && cache.length >= 12 ? (parseNumber(cache.subarray(8, 12)) ?? 0) : 0,
    ...(vlan === undefined ? {} : { vlan }),
  };
}
