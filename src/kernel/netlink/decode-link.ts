// Links out of RTM_NEWLINK messages: linux/if_link.h, rtnetlink(7). Pure; takes any bytes, what is missing is 0 or absent.
import type { BridgePortState, BridgeState, Link, LinkCounters, PortState } from "../../network/link-state.ts";
import { renderMac } from "../../network/mac.ts";
import { littleEndian, parseAttributes, parseNumber, parseText } from "./decode.ts";

type Attributes = ReadonlyMap<number, Uint8Array>;

const bodyLength = 16; // struct ifinfomsg: family, pad, u16 type, s32 index, u32 flags, u32 change
const interfaceUp = 1; // IFF_UP
const ifla = { address: 1, name: 3, mtu: 4, link: 5, master: 10, operstate: 16, linkinfo: 18, stats64: 23, linkNamespaceId: 37 } as const;
const info = { kind: 1, data: 2, slaveKind: 4, slaveData: 5 } as const;

/** One message without its header; undefined when it is too short to be one. */
export function parseLink(data: Uint8Array): Link | undefined {
  if (data.length < bodyLength) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const attributes = parseAttributes(data.subarray(bodyLength));
  const details = parseAttributes(attributes.get(ifla.linkinfo) ?? empty);
  const kind = parseText(details.get(info.kind)) ?? "";
  const bridge = kind === "bridge" ? details.get(info.data) : undefined;
  const port = parseText(details.get(info.slaveKind)) === "bridge" ? details.get(info.slaveData) : undefined;
  const master = parseNumber(attributes.get(ifla.master));
  const peerIndex = parseNumber(attributes.get(ifla.link));
  const peerNamespaceId = parseNumber(attributes.get(ifla.linkNamespaceId));
  const counters = parseCounters(attributes.get(ifla.stats64));
  return {
    index: view.getInt32(4, littleEndian),
    name: parseText(attributes.get(ifla.name)) ?? "",
    kind,
    mac: renderMac(attributes.get(ifla.address) ?? empty),
    mtu: parseNumber(attributes.get(ifla.mtu)) ?? 0,
    up: (view.getUint32(8, littleEndian) & interfaceUp) !== 0,
    operationalState: parseNumber(attributes.get(ifla.operstate)) ?? 0,
    ...(master ? { master } : {}),
    ...(peerIndex ? { peerIndex } : {}),
    // -1: the peer's namespace has no id here, and none could be given
    ...(peerNamespaceId === undefined || (peerNamespaceId | 0) < 0 ? {} : { peerNamespaceId }),
    ...(counters ? { counters } : {}),
    ...(bridge ? { bridge: parseBridge(parseAttributes(bridge)) } : {}),
    ...(port ? { port: parsePort(parseAttributes(port)) } : {}),
  };
}

const empty = new Uint8Array();

/** The first eight numbers of struct rtnl_link_stats64. */
function parseCounters(bytes: Uint8Array | undefined): LinkCounters | undefined {
  if (!bytes || bytes.length < 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (index: number) => Number(view.getBigUint64(index * 8, littleEndian));
  return {
    rxPackets: at(0),
    txPackets: at(1),
    rxBytes: at(2),
    txBytes: at(3),
    rxErrors: at(4),
    txErrors: at(5),
    rxDropped: at(6),
    txDropped: at(7),
  };
}

/** A number of 8 bytes in host order as well (clock ticks). */
function parseTicks(bytes: Uint8Array | undefined): number {
  if (bytes?.length !== 8) return parseNumber(bytes) ?? 0;
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, littleEndian));
}

/** struct ifla_bridge_id as brctl shows it: priority, dot, hardware address. */
function parseBridgeId(bytes: Uint8Array | undefined): string {
  const hex = renderMac(bytes ?? new Uint8Array(8)).replaceAll(":", "");
  return `${hex.slice(0, 4)}.${hex.slice(4)}`;
}

/** IFLA_BR_*. */
function parseBridge(attributes: Attributes): BridgeState {
  const number = (type: number) => parseNumber(attributes.get(type)) ?? 0;
  const ticks = (type: number) => parseTicks(attributes.get(type));
  return {
    id: parseBridgeId(attributes.get(11)),
    stp: number(5) !== 0,
    priority: number(6),
    rootId: parseBridgeId(attributes.get(10)),
    rootPort: number(12),
    rootPathCost: number(13),
    maxAgeCentiseconds: number(3),
    helloTimeCentiseconds: number(2),
    forwardDelayCentiseconds: number(1),
    ageingTimeCentiseconds: number(4),
    helloTimerCentiseconds: ticks(16),
    tcnTimerCentiseconds: ticks(17),
    topologyChangeTimerCentiseconds: ticks(18),
    gcTimerCentiseconds: ticks(19),
    topologyChange: number(14) !== 0,
    topologyChangeDetected: number(15) !== 0,
  };
}

const portStates: readonly PortState[] = ["disabled", "listening", "learning", "forwarding", "blocking"];

/** IFLA_BRPORT_*. */
function parsePort(attributes: Attributes): BridgePortState {
  const number = (type: number) => parseNumber(attributes.get(type)) ?? 0;
  const ticks = (type: number) => parseTicks(attributes.get(type));
  return {
    number: number(18),
    state: portStates[number(1)] ?? "disabled",
    hairpin: number(4) === 1,
    isolated: number(33) === 1,
    priority: number(2),
    pathCost: number(3),
    id: number(17),
    rootId: parseBridgeId(attributes.get(13)),
    designatedBridgeId: parseBridgeId(attributes.get(14)),
    designatedPort: number(15),
    designatedCost: number(16),
    messageAgeTimerCentiseconds: ticks(21),
    forwardDelayTimerCentiseconds: ticks(22),
    holdTimerCentiseconds: ticks(23),
    topologyChangeAck: number(19) !== 0,
    configPending: number(20) !== 0,
  };
}
