// The tab with what hangs on the bridge of the chosen network, port by port, as `tsns net show` has it. Pure.
import type { LivePort } from "../../../src/engine/live/bridge.ts";
import type { LiveMember, LiveNetwork } from "../../../src/engine/live/network.ts";
import { shortBytes } from "../../draw/amount.ts";
import { fitText, type Line, line, span } from "../../draw/cell.ts";
import type { Column } from "../../draw/table.ts";
import {
  emptyList,
  type ListState,
  passesFilter,
  placeOf,
  settleList,
  sortRows,
  updateListByKey,
  updateListByMouse,
} from "../../model/list.ts";
import type { BridgeFed } from "../../model/need.ts";
import type { Change, Part, PartMessage, Surroundings } from "../../model/part.ts";
import { drawList, heightOf, listed, listHints } from "../../view/listing.ts";
import { chosenNetwork } from "../../view/network/find.ts";
import { foreignOf } from "../../view/network/row.ts";

interface MemberRow {
  readonly key: string;
  /** Absent where there is no bridge: macvlan, ipvlan, the host's own network. */
  readonly port: LivePort | undefined;
  readonly member: LiveMember | undefined;
  /** Per second, as the container sees it. */
  readonly inBytes: number | undefined;
  readonly outBytes: number | undefined;
}

const bridgeOf = ({ fed }: Surroundings, network: LiveNetwork): BridgeFed | undefined =>
  fed.bridge?.name === network.link ? fed.bridge : undefined;

const hasBridge = ({ driver, link }: LiveNetwork): boolean => driver === "bridge" && link !== "";

function rowsOf(list: ListState, around: Surroundings): readonly MemberRow[] {
  const network = chosenNetwork(around);
  if (!network) return [];
  const rateOf = (name: string) => around.fed.traffic?.links.get(name)?.rate;
  const row = (key: string, port: LivePort | undefined, member: LiveMember | undefined): MemberRow => {
    const rate = rateOf(port?.link.name ?? member?.hostLink ?? "");
    return { key, port, member, inBytes: rate?.sentBytes, outBytes: rate?.receivedBytes };
  };
  const byLink = new Map(network.members.map((member) => [member.hostLink, member]));
  const ports = bridgeOf(around, network)?.bridge?.ports ?? [];
  const rows = hasBridge(network)
    ? ports.map((port) => row(port.link.name, port, byLink.get(port.link.name)))
    : network.members.map((member) => row(member.id, undefined, member));
  return sortRows(
    rows.filter((each) => passesFilter(list.filter, wordsOf(each))),
    orders[list.sorted.column] ?? (({ key }) => key),
    ({ key }) => key,
    list.sorted.descending,
  );
}

const wordsOf = ({ key, port, member }: MemberRow): string =>
  [key, port ? stateOf(port) : "", member?.name ?? "", ...(member?.addresses ?? []), macOf({ port, member })].join(" ");

const orders: Readonly<Record<string, (row: MemberRow) => string | number>> = {
  number: ({ port }) => port?.link.port?.number ?? 0,
  container: ({ member }) => member?.name ?? "~",
  state: ({ port }) => (port ? stateOf(port) : ""),
  traffic: ({ inBytes = -1, outBytes = -1 }) => inBytes + outBytes,
};
const orderNames = Object.keys(orders);

/** In words, as the bridge has the port. */
function stateOf({ link: { up, port } }: LivePort): string {
  const flags = [port?.hairpin ? "hairpin" : "", port?.isolated ? "isolated" : ""].filter((flag) => flag !== "");
  return [up ? (port?.state ?? "-") : "down", ...flags].join(", ");
}

const macOf = ({ port, member }: Pick<MemberRow, "port" | "member">): string => member?.mac || port?.link.mac || "-";

const rateText = (value: number | undefined): string => (value === undefined ? "-" : shortBytes(value));

function columnsOf(network: LiveNetwork): readonly Column<MemberRow>[] {
  const onBridge: readonly Column<MemberRow>[] = [
    { name: "number", title: "#", least: 3, align: "right", cell: ({ port }) => `${port?.link.port?.number ?? "-"}` },
    { name: "link", title: "LINK", least: 10, grows: 1, priority: 3, cell: ({ port }) => port?.link.name ?? "-" },
    {
      name: "state",
      title: "STATE",
      least: 10,
      grows: 1,
      cell: ({ port }) => (port ? { text: stateOf(port), role: port.link.port?.state === "forwarding" ? "good" : "warning" } : "-"),
    },
    {
      name: "learned",
      title: "MACS",
      least: 4,
      align: "right",
      priority: 2,
      cell: ({ port }) => (port ? `${port.learned + port.own}` : ""),
    },
  ];
  return [
    ...(hasBridge(network) ? onBridge : []),
    { name: "container", title: "CONTAINER", least: 12, grows: 2, cell: ({ member }) => member?.name ?? "-" },
    { name: "inner", title: "INSIDE", least: 6, priority: 5, cell: ({ member }) => member?.link || "-" },
    { name: "address", title: "ADDRESS", least: 13, grows: 1, cell: ({ member }) => member?.addresses.join(" ") || "-" },
    { name: "mac", title: "MAC", least: 17, priority: 4, cell: macOf },
    { name: "traffic", title: "IN/s", least: 6, align: "right", priority: 1, cell: ({ inBytes }) => rateText(inBytes) },
    { name: "out", title: "OUT/s", least: 6, align: "right", priority: 1, cell: ({ outBytes }) => rateText(outBytes) },
  ];
}

/** The bridge itself, in words. */
function footOf(around: Surroundings, network: LiveNetwork): readonly Line[] {
  const bridge = bridgeOf(around, network)?.bridge;
  if (!bridge) return [];
  const { link, ports } = bridge;
  const learned = ports.reduce((sum, port) => sum + port.learned, 0);
  const stp = link.bridge?.stp ? `STP on, root ${link.bridge.rootId}` : "STP off";
  const words = [
    `${link.name} ${link.up ? "up" : "down"}`,
    ports.length === 1 ? "1 port" : `${ports.length} ports`,
    learned === 1 ? "1 address learned" : `${learned} addresses learned`,
    stp,
    `MTU ${link.mtu}`,
    link.mac,
    `id ${link.bridge?.id ?? "-"}`,
  ];
  return [[span(fitText(words.join("; "), around.size.columns, around.glyphs.cut), "dim")]];
}

function nothingOf(around: Surroundings, network: LiveNetwork, list: ListState): string {
  if (list.filter !== "") return "nothing passes the filter";
  if (!hasBridge(network)) return network.driver === "null" ? "no container is without a network" : "no container is on it";
  const fed = bridgeOf(around, network);
  if (!network.present) return "its bridge is not in the kernel now: the first container makes it";
  return fed ? (fed.bridge ? "nothing is plugged into its bridge" : "its bridge has gone") : "reading ...";
}

function update(list: ListState, message: PartMessage, around: Surroundings): Change<ListState> {
  const network = chosenNetwork(around);
  if (!network) return { state: list, isUnused: true };
  const rows = rowsOf(list, around);
  const keys = rows.map(({ key }) => key);
  const height = heightOf(list, around, footOf(around, network).length);
  if (message.kind === "mouse") return { state: updateListByMouse(list, message.mouse, keys, height) };
  if (message.kind !== "key") return { state: message.kind === "fed" ? settleList(list, keys, height) : list };
  const changed = updateListByKey(list, message.key, keys, height, orderNames);
  if (changed) return { state: changed };
  const id = rows[placeOf(list, keys)]?.member?.id ?? "";
  if (message.key.name !== "enter" || id === "" || foreignOf(network)) return { state: list, isUnused: true };
  return { state: list, effects: [{ kind: "go", view: "containers", row: id }] };
}

export const memberTab: Part<ListState> = {
  name: "members",
  title: "Members",
  initial: emptyList("number"),
  needs(_, around) {
    const network = chosenNetwork(around);
    return network && hasBridge(network) && network.present ? [{ kind: "bridge", name: network.link }] : [];
  },
  update,
  draw(list, around) {
    const network = chosenNetwork(around);
    if (!network) return { lines: [line("it is not there any more", "dim")] };
    return drawList(
      {
        list,
        listed: listed(rowsOf(list, around), ({ key }) => key),
        columns: columnsOf(network),
        nothing: [nothingOf(around, network, list)],
        foot: footOf(around, network),
      },
      around,
    );
  },
  keys: () => [{ key: "Enter", does: "to the container", isShown: true }, ...listHints],
};
