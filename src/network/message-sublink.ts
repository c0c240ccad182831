// rtnetlink messages for links that sit on another one: macvlan, ipvlan, vlan; and dummy, which sits on none. linux/if_link.h, linux/if_vlan.h. Pure.
import { type Attribute, flag, ifla, info, linkBody, messageType, renderMessage, text, u16, u32 } from "./message.ts";
import type { ParentSpec } from "./spec.ts";

const parentIndex = 5; // IFLA_LINK
/** MACVLAN_MODE_* */
const macvlanMode: Readonly<Record<string, number>> = { private: 1, vepa: 2, bridge: 4, passthru: 8 };
/** IPVLAN_MODE_*, IPVLAN_F_* */
const ipvlanMode: Readonly<Record<string, number>> = { l2: 0, l3: 1, l3s: 2 };
const ipvlanFlag: Readonly<Record<string, number>> = { bridge: 0, private: 1, vepa: 2 };

export interface SublinkSpec {
  readonly kind: "macvlan" | "ipvlan";
  readonly name: string;
  /** A fixed index lets later messages name it beforehand. */
  readonly index: number;
  /** Of the parent, in the namespace of the socket. */
  readonly parent: number;
  readonly settings: ParentSpec;
  /** Of macvlan alone: ipvlan has the parent's. */
  readonly mac?: Uint8Array;
  /** Absent: the parent's. */
  readonly mtu?: number;
}

function linkAdd(name: string, index: number, kind: string, data: readonly Attribute[], more: readonly Attribute[]): Uint8Array {
  return renderMessage(messageType.newLink, flag.create | flag.exclusive, linkBody(index, false), [
    { type: ifla.name, value: text(name) },
    ...more,
    {
      type: ifla.linkinfo,
      value: [{ type: info.kind, value: text(kind) }, ...(data.length > 0 ? [{ type: info.data, value: data }] : [])],
    },
  ]);
}

/** A container's link, made in the namespace that descriptor `namespaceFd` of the sender refers to. */
export function sublinkAdd({ kind, name, index, parent, settings, mac, mtu }: SublinkSpec, namespaceFd: number): Uint8Array {
  const data: readonly Attribute[] =
    kind === "macvlan"
      ? [{ type: 1, value: u32(macvlanMode[settings.mode] ?? 4) }] // IFLA_MACVLAN_MODE
      : [
          { type: 1, value: u16(ipvlanMode[settings.mode] ?? 0) }, // IFLA_IPVLAN_MODE
          { type: 2, value: u16(ipvlanFlag[settings.flag ?? "bridge"] ?? 0) }, // IFLA_IPVLAN_FLAGS
        ];
  return linkAdd(name, index, kind, data, [
    { type: parentIndex, value: u32(parent) },
    ...(mac ? [{ type: ifla.address, value: mac }] : []),
    ...(mtu === undefined ? [] : [{ type: ifla.mtu, value: u32(mtu) }]),
    { type: ifla.netNsFd, value: u32(namespaceFd) },
  ]);
}

/** The part of a link's traffic that is tagged with `id`, 802.1Q. */
export const vlanAdd = (name: string, on: number, id: number): Uint8Array =>
  linkAdd(name, 0, "vlan", [{ type: 1, value: u16(id) }], [{ type: parentIndex, value: u32(on) }]); // IFLA_VLAN_ID

export const dummyAdd = (name: string): Uint8Array => linkAdd(name, 0, "dummy", [], []);
