// How bridges are printed: the listing of `tsns net show` and brctl's three tables to the byte. Pure.
import { shortId } from "../../src/base/id.ts";
import type { Field, Listing } from "../../src/base/listing.ts";
import { formatSize } from "../../src/base/unit.ts";
import type { BridgePorts, ForwardingEntry, Link } from "../../src/network/link-state.ts";
import type { BridgeView, PortView } from "../../src/network/view.ts";

/** A line of `net show`: a port, or a bridge without any. */
export interface BridgeRow {
  readonly bridge: BridgeView;
  readonly port?: PortView;
  /** The first line of its bridge. */
  readonly first: boolean;
}

export function rowsOf(bridges: readonly BridgeView[]): readonly BridgeRow[] {
  return bridges.flatMap((bridge): BridgeRow[] =>
    bridge.ports.length === 0 ? [{ bridge, first: true }] : bridge.ports.map((port, at) => ({ bridge, port, first: at === 0 })),
  );
}

const none = "-";
const yesNo = (value: boolean) => (value ? "yes" : "no");
const perSecond = (count: number | undefined, unit: string) => (count === undefined ? none : `${formatSize(count).slice(0, -1)}${unit}/s`);
const bytesPerSecond = (count: number | undefined) => (count === undefined ? none : `${formatSize(count)}/s`);

function stateOf({ bridge, port }: BridgeRow): string {
  if (!port) return bridge.up ? "up" : "down";
  return port.up ? port.state : "down";
}

function flagsOf(port: PortView | undefined): string {
  const flags = [port?.hairpin ? "hairpin" : "", port?.isolated ? "isolated" : ""].filter((flag) => flag !== "");
  return flags.join(",") || none;
}

const field = (name: string, header: string, value: (row: BridgeRow) => string, inTable = true): Field<BridgeRow> => ({
  name,
  header,
  value: (row) => value(row) || none,
  inTable,
});

const droppedOf = (port: PortView | undefined) => (port ? port.counters.rxDropped + port.counters.txDropped : 0);

/** One field per fact; with `rates` those columns are in the table. `repeat`: the bridge on each line, as templates need it. */
export function bridgeListing({ rates, repeat }: { readonly rates: boolean; readonly repeat: boolean }): Listing<BridgeRow> {
  const own = (name: string, header: string, value: (bridge: BridgeView) => string, inTable = true): Field<BridgeRow> => ({
    name,
    header,
    value: ({ bridge, first }) => (first || repeat ? value(bridge) || none : ""),
    inTable,
  });
  const fields: Field<BridgeRow>[] = [
    own("Bridge", "BRIDGE", (bridge) => bridge.name),
    own("ID", "BRIDGE ID", (bridge) => bridge.id),
    own("Owner", "OWNER", ({ owner }) => (owner ? `${owner.engine}:${owner.name}` : "")),
    own("Address", "ADDRESS", (bridge) => bridge.addresses.join(",")),
    own("STP", "STP", (bridge) => yesNo(bridge.stp)),
    field("Port", "PORT", ({ port }) => port?.name ?? ""),
    field("State", "STATE", stateOf),
    field("Container", "CONTAINER", ({ port }) => port?.peer?.label ?? ""),
    field("ContainerID", "ID", ({ port }) => (port?.peer?.owner?.id ? shortId(port.peer.owner.id) : "")),
    field("Interface", "INTERFACE", ({ port }) => port?.peer?.link ?? ""),
    field("IP", "INNER ADDRESS", ({ port }) => port?.peer?.addresses.join(",") ?? ""),
    field("MAC", "MAC", ({ bridge, port }) => (port ? (port.peer?.mac ?? port.mac) : bridge.mac)),
    field("Flags", "FLAGS", ({ port }) => flagsOf(port)),
    field("RxRate", "RX", ({ port }) => bytesPerSecond(port?.rates?.rxBytesPerSecond), rates),
    field("TxRate", "TX", ({ port }) => bytesPerSecond(port?.rates?.txBytesPerSecond), rates),
    field("RxPacketRate", "RX PACKETS", ({ port }) => perSecond(port?.rates?.rxPacketsPerSecond, ""), rates),
    field("TxPacketRate", "TX PACKETS", ({ port }) => perSecond(port?.rates?.txPacketsPerSecond, ""), rates),
    field("Dropped", "DROPPED", ({ port }) => (port ? `${droppedOf(port)}` : "")),
    field("PID", "PID", ({ port }) => (port?.peer?.pid ? `${port.peer.pid}` : ""), false),
    field("Number", "NUMBER", ({ port }) => (port ? `${port.number}` : ""), false),
    field("Kind", "KIND", ({ port }) => port?.kind ?? "", false),
    field("Hairpin", "HAIRPIN", ({ port }) => (port ? yesNo(port.hairpin) : ""), false),
    field("Isolated", "ISOLATED", ({ port }) => (port ? yesNo(port.isolated) : ""), false),
    field("RxBytes", "RX BYTES", ({ port }) => `${port?.counters.rxBytes ?? ""}`, false),
    field("TxBytes", "TX BYTES", ({ port }) => `${port?.counters.txBytes ?? ""}`, false),
    field("RxPackets", "RX COUNT", ({ port }) => `${port?.counters.rxPackets ?? ""}`, false),
    field("TxPackets", "TX COUNT", ({ port }) => `${port?.counters.txPackets ?? ""}`, false),
    field("RxDropped", "RX DROPPED", ({ port }) => `${port?.counters.rxDropped ?? ""}`, false),
    field("TxDropped", "TX DROPPED", ({ port }) => `${port?.counters.txDropped ?? ""}`, false),
  ];
  return { fields, key: ({ bridge }) => bridge.name };
}

/** What `brctl show` prints; nothing at all without bridges. */
export function renderBrctl(bridges: readonly BridgePorts[]): string {
  if (bridges.length === 0) return "";
  const rows = bridges.map(({ bridge, ports }) => {
    const names = ports.map((port) => port.name).join(`\n${"\t".repeat(7)}`);
    return `${bridge.name}\t\t${bridge.bridge?.id}\t${yesNo(bridge.bridge?.stp ?? false)}\t\t${names}\n`;
  });
  return `bridge name\tbridge id\t\tSTP enabled\tinterfaces\n${rows.join("")}`;
}

/** Seconds with two digits in a field of seven, as brctl writes all its times. */
const timer = (centiseconds: number) =>
  `${String(Math.trunc(centiseconds / 100)).padStart(4)}.${String(centiseconds % 100).padStart(2, "0")}`;

const number4 = (value: number) => String(value).padStart(4);
const hex4 = (value: number) => value.toString(16).padStart(4, "0");

/** What `brctl showmacs` prints: by hardware address. */
export function renderMacs(ports: readonly Link[], entries: readonly ForwardingEntry[]): string {
  const numberOf = new Map(ports.map((port) => [port.index, port.port?.number ?? 0]));
  const lines = sortedEntries(entries).map(
    ({ linkIndex, mac, local, fixed, ageCentiseconds }) =>
      `${String(numberOf.get(linkIndex) ?? 0).padStart(3)}\t${mac}\t${yesNo(local)}\t\t${timer(fixed ? 0 : ageCentiseconds)}\n`,
  );
  return `port no\tmac addr\t\tis local?\tageing timer\n${lines.join("")}`;
}

/** By hardware address; those of equal ones stay in the kernel's order. */
export function sortedEntries(entries: readonly ForwardingEntry[]): readonly ForwardingEntry[] {
  return [...entries].sort((one, other) => (one.mac < other.mac ? -1 : one.mac > other.mac ? 1 : 0));
}

/** What `brctl showstp` prints. */
export function renderStp({ bridge: link, ports }: BridgePorts): string {
  const { bridge } = link;
  if (!bridge) return "";
  const flags = `${bridge.topologyChange ? "TOPOLOGY_CHANGE " : ""}${bridge.topologyChangeDetected ? "TOPOLOGY_CHANGE_DETECTED " : ""}`;
  const [maxAge, hello, delay] = [bridge.maxAgeCentiseconds, bridge.helloTimeCentiseconds, bridge.forwardDelayCentiseconds].map(timer);
  const lines = [
    link.name,
    ` bridge id\t\t${bridge.id}`,
    ` designated root\t${bridge.rootId}`,
    ` root port\t\t${number4(bridge.rootPort)}\t\t\tpath cost\t\t${number4(bridge.rootPathCost)}`,
    ` max age\t\t${maxAge}\t\t\tbridge max age\t\t${maxAge}`,
    ` hello time\t\t${hello}\t\t\tbridge hello time\t${hello}`,
    ` forward delay\t\t${delay}\t\t\tbridge forward delay\t${delay}`,
    ` ageing time\t\t${timer(bridge.ageingTimeCentiseconds)}`,
    ` hello timer\t\t${timer(bridge.helloTimerCentiseconds)}\t\t\ttcn timer\t\t${timer(bridge.tcnTimerCentiseconds)}`,
    ` topology change timer\t${timer(bridge.topologyChangeTimerCentiseconds)}\t\t\tgc timer\t\t${timer(bridge.gcTimerCentiseconds)}`,
    ` flags\t\t\t${flags}`,
  ];
  return `${lines.join("\n")}\n\n\n${ports.map(renderStpPort).join("")}`;
}

function renderStpPort({ name, port }: Link): string {
  if (!port) return "";
  const flags = `${port.configPending ? "CONFIG_PENDING " : ""}${port.topologyChangeAck ? "TOPOLOGY_CHANGE_ACK " : ""}`;
  const lines = [
    `${name} (${port.number})`,
    ` port id\t\t${hex4(port.id)}\t\t\tstate\t\t${port.state.padStart(15)}`,
    ` designated root\t${port.rootId}\tpath cost\t\t${number4(port.pathCost)}`,
    ` designated bridge\t${port.designatedBridgeId}\tmessage age timer\t${timer(port.messageAgeTimerCentiseconds)}`,
    ` designated port\t${hex4(port.designatedPort)}\t\t\tforward delay timer\t${timer(port.forwardDelayTimerCentiseconds)}`,
    ` designated cost\t${number4(port.designatedCost)}\t\t\thold timer\t\t${timer(port.holdTimerCentiseconds)}`,
    ` flags\t\t\t${flags}`,
    ...(port.hairpin ? [` hairpin mode\t\t${number4(1)}`] : []),
  ];
  return `${lines.join("\n")}\n\n`;
}
