// rtnetlink messages for bridges and their ports: IFLA_BR_* and IFLA_BRPORT_* of linux/if_link.h. Pure; numbers are not judged here.
import type { BridgeOption, PortOption } from "../plan/step/bridge.ts";
import {
  type Attribute,
  flag,
  ifla,
  info,
  type LinkRef,
  linkBody,
  messageType,
  refAttributes,
  refIndex,
  renderMessage,
  text,
  u16,
  u32,
} from "./message.ts";

const u8 = (value: number) => Uint8Array.of(value);

interface Slot {
  readonly type: number;
  readonly width: (value: number) => Uint8Array;
}

const bridgeSlots: Readonly<Record<BridgeOption, Slot>> = {
  forward_delay: { type: 1, width: u32 },
  hello_time: { type: 2, width: u32 },
  max_age: { type: 3, width: u32 },
  ageing_time: { type: 4, width: u32 },
  stp_state: { type: 5, width: u32 },
  priority: { type: 6, width: u16 },
};

const portSlots: Readonly<Record<PortOption, Slot>> = {
  priority: { type: 2, width: u16 },
  cost: { type: 3, width: u32 },
  hairpin: { type: 4, width: u8 },
  isolated: { type: 33, width: u8 },
};

/** A bridge; the kernel chooses its hardware address. */
export function bridgeCreate(name: string): Uint8Array {
  return renderMessage(messageType.newLink, flag.create | flag.exclusive, linkBody(0, false), [
    { type: ifla.name, value: text(name) },
    { type: ifla.linkinfo, value: [{ type: info.kind, value: text("bridge") }] },
  ]);
}

/** Sets values of a bridge, IFLA_BR_*. */
export const bridgeValues = (link: LinkRef, values: readonly Attribute[]): Uint8Array => linkValues(link, [info.kind, info.data], values);

/** Sets values of a bridge's port, IFLA_BRPORT_*. */
export const portValues = (link: LinkRef, values: readonly Attribute[]): Uint8Array =>
  linkValues(link, [info.slaveKind, info.slaveData], values);

function linkValues(link: LinkRef, [kind, data]: readonly [number, number], values: readonly Attribute[]): Uint8Array {
  return renderMessage(messageType.newLink, 0, linkBody(refIndex(link), false), [
    ...refAttributes(link),
    {
      type: ifla.linkinfo,
      value: [
        { type: kind, value: text("bridge") },
        { type: data, value: values },
      ],
    },
  ]);
}

/** One option of a bridge. */
export function bridgeSet(name: string, option: BridgeOption, value: number): Uint8Array {
  const { type, width } = bridgeSlots[option];
  return bridgeValues({ name }, [{ type, value: width(value) }]);
}

/** One option of a bridge's port. */
export function portSet(name: string, option: PortOption, value: number): Uint8Array {
  const { type, width } = portSlots[option];
  return portValues({ name }, [{ type, value: width(value) }]);
}
