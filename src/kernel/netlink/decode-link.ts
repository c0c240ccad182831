// Links out of RTM_NEWLINK messages: linux/if_link.h, rtnetlink(7). Pure; takes any bytes, what is missing is 0 or absent. Written for
// hundreds of links of sixty attributes each: they are found in one pass, and nothing is made of those that nobody asked for.
import { littleEndian } from "../../base/byte-order.ts";
import type { BridgePortState, BridgeState, Link, LinkCounters, PortState } from "../../network/link-state.ts";

const bodyLength = 16; // struct ifinfomsg: family, pad, u16 type, s32 index, u32 flags, u32 change
const interfaceUp = 1; // IFF_UP
const ifla = { address: 1, name: 3, mtu: 4, link: 5, master: 10, operstate: 16, linkinfo: 18, stats64: 23, linkNamespaceId: 37 } as const;
const info = { kind: 1, data: 2, slaveKind: 4, slaveData: 5 } as const;

/** Where the attributes of a message or of a nested attribute lie. */
class AttributeMap {
  readonly #view: DataView;
  /** Offset and length of a payload by type; an offset of 0 is none. The last of equal ones stays. */
  readonly #places: Int32Array;

  constructor(view: DataView, from: number, to: number) {
    this.#view = view;
    this.#places = new Int32Array(knownTypes * 2);
    // Broken lengths end the list (rtnetlink(7): nla_ok).
    for (let at = from; at + 4 <= to; ) {
      const length = view.getUint16(at, littleEndian);
      if (length < 4 || at + length > to) break;
      const type = view.getUint16(at + 2, littleEndian) & 0x3fff;
      if (type < knownTypes) {
        this.#places[type * 2] = at + 4;
        this.#places[type * 2 + 1] = length - 4;
      }
      at += (length + 3) & ~3;
    }
  }

  #offset(type: number): number {
    return this.#places[type * 2] ?? 0;
  }

  #length(type: number): number {
    return this.#places[type * 2 + 1] ?? 0;
  }

  /** A number of 1, 2, 4 or 8 bytes in host order; undefined for another length. */
  number(type: number): number | undefined {
    const at = this.#offset(type);
    switch (at === 0 ? 0 : this.#length(type)) {
      case 1:
        return this.#view.getUint8(at);
      case 2:
        return this.#view.getUint16(at, littleEndian);
      case 4:
        return this.#view.getUint32(at, littleEndian);
      case 8:
        return long(this.#view, at);
      default:
        return undefined;
    }
  }

  /** A string up to its NUL. */
  text(type: number): string {
    const at = this.#offset(type);
    if (at === 0) return "";
    const bytes = new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, this.#length(type));
    let text = "";
    for (const byte of bytes) {
      if (byte === 0) return text;
      if (byte > 127) return decoder.decode(bytes.subarray(0, bytes.indexOf(0) < 0 ? bytes.length : bytes.indexOf(0)));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** Bytes as pairs of hex digits. */
  hex(type: number, separator: string): string {
    const at = this.#offset(type);
    let text = "";
    for (let i = 0; at !== 0 && i < this.#length(type); i++) {
      const byte = this.#view.getUint8(at + i);
      text += `${i === 0 ? "" : separator}${byte < 16 ? "0" : ""}${byte.toString(16)}`;
    }
    return text;
  }

  nested(type: number): AttributeMap | undefined {
    const at = this.#offset(type);
    return at === 0 ? undefined : new AttributeMap(this.#view, at, at + this.#length(type));
  }

  /** `count` numbers of 8 bytes; undefined when there are fewer. */
  longs(type: number, count: number): readonly number[] | undefined {
    const at = this.#offset(type);
    if (at === 0 || this.#length(type) < count * 8) return undefined;
    return Array.from({ length: count }, (_, index) => long(this.#view, at + index * 8));
  }
}

/** Types beyond these are not looked at. */
const knownTypes = 48;
const decoder = new TextDecoder();

/** 8 bytes in host order, exact up to 2^53. */
function long(view: DataView, at: number): number {
  const [low, high] = littleEndian ? [at, at + 4] : [at + 4, at];
  return view.getUint32(high, littleEndian) * 0x1_0000_0000 + view.getUint32(low, littleEndian);
}

/** One message without its header; undefined when it is too short to be one. */
export function parseLink(data: Uint8Array): Link | undefined {
  if (data.length < bodyLength) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const attributes = new AttributeMap(view, bodyLength, data.length);
  const details = attributes.nested(ifla.linkinfo);
  const kind = details?.text(info.kind) ?? "";
  const bridge = kind === "bridge" ? details?.nested(info.data) : undefined;
  const port = details?.text(info.slaveKind) === "bridge" ? details.nested(info.slaveData) : undefined;
  const master = attributes.number(ifla.master);
  const peerIndex = attributes.number(ifla.link);
  const peerNamespaceId = attributes.number(ifla.linkNamespaceId);
  const counters = parseCounters(attributes);
  return {
    index: view.getInt32(4, littleEndian),
    name: attributes.text(ifla.name),
    kind,
    mac: attributes.hex(ifla.address, ":"),
    mtu: attributes.number(ifla.mtu) ?? 0,
    up: (view.getUint32(8, littleEndian) & interfaceUp) !== 0,
    operationalState: attributes.number(ifla.operstate) ?? 0,
    ...(master ? { master } : {}),
    ...(peerIndex ? { peerIndex } : {}),
    // -1: the peer's namespace has no id here, and none could be given
    ...(peerNamespaceId === undefined || (peerNamespaceId | 0) < 0 ? {} : { peerNamespaceId }),
    ...(counters ? { counters } : {}),
    ...(bridge ? { bridge: parseBridge(bridge) } : {}),
    ...(port ? { port: parsePort(port) } : {}),
  };
}

/** The first eight numbers of struct rtnl_link_stats64. */
function parseCounters(attributes: AttributeMap): LinkCounters | undefined {
  const numbers = attributes.longs(ifla.stats64, 8);
  if (!numbers) return undefined;
  const [rxPackets = 0, txPackets = 0, rxBytes = 0, txBytes = 0, rxErrors = 0, txErrors = 0, rxDropped = 0, txDropped = 0] = numbers;
  return { rxPackets, txPackets, rxBytes, txBytes, rxErrors, txErrors, rxDropped, txDropped };
}

/** struct ifla_bridge_id as brctl shows it: priority, dot, hardware address. */
function bridgeId(attributes: AttributeMap, type: number): string {
  const hex = attributes.hex(type, "").padEnd(16, "0");
  return `${hex.slice(0, 4)}.${hex.slice(4)}`;
}

/** IFLA_BR_*. */
function parseBridge(attributes: AttributeMap): BridgeState {
  const number = (type: number) => attributes.number(type) ?? 0;
  return {
    id: bridgeId(attributes, 11),
    stp: number(5) !== 0,
    priority: number(6),
    rootId: bridgeId(attributes, 10),
    rootPort: number(12),
    rootPathCost: number(13),
    maxAgeCentiseconds: number(3),
    helloTimeCentiseconds: number(2),
    forwardDelayCentiseconds: number(1),
    ageingTimeCentiseconds: number(4),
    helloTimerCentiseconds: number(16),
    tcnTimerCentiseconds: number(17),
    topologyChangeTimerCentiseconds: number(18),
    gcTimerCentiseconds: number(19),
    topologyChange: number(14) !== 0,
    topologyChangeDetected: number(15) !== 0,
  };
}

const portStates: readonly PortState[] = ["disabled", "listening", "learning", "forwarding", "blocking"];

/** IFLA_BRPORT_*. */
function parsePort(attributes: AttributeMap): BridgePortState {
  const number = (type: number) => attributes.number(type) ?? 0;
  return {
    number: number(18),
    state: portStates[number(1)] ?? "disabled",
    hairpin: number(4) === 1,
    isolated: number(33) === 1,
    priority: number(2),
    pathCost: number(3),
    id: number(17),
    rootId: bridgeId(attributes, 13),
    designatedBridgeId: bridgeId(attributes, 14),
    designatedPort: number(15),
    designatedCost: number(16),
    messageAgeTimerCentiseconds: number(21),
    forwardDelayTimerCentiseconds: number(22),
    holdTimerCentiseconds: number(23),
    topologyChangeAck: number(19) !== 0,
    configPending: number(20) !== 0,
  };
}
