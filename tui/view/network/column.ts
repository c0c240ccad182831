// The columns of networks and of who is on them. Pure.
import { shortBytes } from "../../draw/amount.ts";
import type { Glyphs } from "../../draw/glyph.ts";
import type { Cell, Column } from "../../draw/table.ts";
import { foreignOf, type NetworkRow, nameOfNetwork, publishedOf, traitsOf } from "./row.ts";

/** An arrow that every terminal has. */
export const withArrows = (text: string, { arrow }: Glyphs): string => text.replaceAll("→", arrow);

function nameCell(row: NetworkRow, glyphs: Glyphs): Cell {
  if (row.kind === "member") return { text: (row.isLast ? glyphs.lastBranch : glyphs.branch) + row.member.name };
  const { network, isOpen } = row;
  const sign = network.members.length === 0 ? (glyphs.isPlain ? "" : "  ") : isOpen ? glyphs.open : glyphs.closed;
  return { text: sign + nameOfNetwork(network), role: foreignOf(network) ? "dim" : "plain" };
}

function driverCell(row: NetworkRow): string {
  if (row.kind === "member") return row.member.hostLink || row.member.link || "-";
  return row.network.driver;
}

function placeCell(row: NetworkRow): string {
  if (row.kind === "member") return row.member.addresses.join(" ") || "-";
  const { subnets, gateways } = row.network;
  return (subnets.length > 0 ? subnets : gateways).join(" ") || "-";
}

function gatewayCell(row: NetworkRow): string {
  if (row.kind === "member") return row.member.mac || "-";
  return row.network.gateways.map((gateway) => gateway.replace(/\/.*/, "")).join(" ") || "-";
}

function noteCell(row: NetworkRow): Cell {
  if (row.kind === "network") return { text: traitsOf(row.network).join(", ") || "-", role: "dim" };
  const { link, alsoOn, shared } = row.member;
  const notes = [
    ...(link === "" ? [] : [link]),
    ...(alsoOn.length > 0 ? [`also on ${alsoOn.join(", ")}`] : []),
    ...(shared.length > 0 ? [`shared by ${shared.join(", ")}`] : []),
  ];
  return { text: notes.join(", "), role: "dim" };
}

function portCell(row: NetworkRow, glyphs: Glyphs): string {
  if (row.kind === "member") return withArrows(row.member.ports.map((port) => port.replace(" → ", "→")).join(" "), glyphs);
  const count = publishedOf(row.network).length;
  return count === 0 ? "-" : `${count}`;
}

const rateCell = (value: number | undefined): string => (value === undefined ? "-" : value === 0 ? "0" : shortBytes(value));
/** Powers of 1000: packets are no bytes. */
const countCell = (value: number | undefined): string =>
  value === undefined ? "-" : value < 10_000 ? `${value}` : value < 1e7 ? `${Math.round(value / 1000)}k` : `${Math.round(value / 1e6)}m`;

const lossCell = ({ dropped, errors }: NetworkRow): Cell => ({
  text: dropped + errors === 0 ? "0" : `${countCell(dropped)}/${countCell(errors)}`,
  role: errors > 0 ? "bad" : dropped > 0 ? "warning" : "dim",
});

/** Rates are per second, as containers see them. */
export const networkColumns = (glyphs: Glyphs): readonly Column<NetworkRow>[] => [
  { name: "name", title: "NETWORK", least: 15, grows: 3, cell: (row) => nameCell(row, glyphs) },
  { name: "driver", title: "DRIVER", least: 8, grows: 2, priority: 4, cell: driverCell },
  { name: "subnet", title: "SUBNET", least: 17, grows: 2, cell: placeCell },
  { name: "gateway", title: "GATEWAY/MAC", least: 17, grows: 1, priority: 7, cell: gatewayCell },
  {
    name: "containers",
    title: "CTRS",
    least: 4,
    align: "right",
    priority: 1,
    cell: (row) => (row.kind === "network" ? `${row.network.members.length}` : ""),
  },
  { name: "ports", title: "PORTS", least: 10, grows: 6, priority: 2, cell: (row) => portCell(row, glyphs) },
  { name: "traffic", title: "IN/s", least: 6, align: "right", priority: 3, cell: ({ passing }) => rateCell(passing?.inBytes) },
  { name: "out", title: "OUT/s", least: 6, align: "right", priority: 3, cell: ({ passing }) => rateCell(passing?.outBytes) },
  {
    name: "packets",
    title: "PACKETS/s",
    least: 9,
    align: "right",
    priority: 8,
    cell: ({ passing }) => (passing ? `${countCell(passing.inPackets)}/${countCell(passing.outPackets)}` : "-"),
  },
  { name: "dropped", title: "DROP/ERR", least: 8, align: "right", priority: 6, cell: lossCell },
  { name: "notes", title: "NOTES", least: 8, grows: 3, priority: 5, cell: noteCell },
];
