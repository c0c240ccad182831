// The tab with the published ports of the chosen network: where each leads, and who reaches it. Asked when it is opened and when something
// of the network has changed. Pure.

import type { LiveNetwork } from "../../../src/engine/live/network.ts";
import { fitText, type Line, line, span } from "../../draw/cell.ts";
import type { Column } from "../../draw/table.ts";
import { wrapText } from "../../draw/wrap.ts";
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
import type { ExposureFed } from "../../model/need.ts";
import type { Change, Part, PartMessage, Surroundings } from "../../model/part.ts";
import { drawList, heightOf, listed, listHints } from "../../view/listing.ts";
import { chosenNetwork } from "../../view/network/find.ts";
import { foreignOf } from "../../view/network/row.ts";
import { exposureReasons, exposureWords, type PublishedRow, publishedRows } from "./exposure.ts";

interface State {
  readonly list: ListState;
  /** How often it has been asked again by hand. */
  readonly round: number;
}

/** More networks than this are not looked from: each costs a look at every port. */
const mostSides = 6;

const isIpv4Subnet = (subnet: string): boolean => /^[0-9.]+\/\d+$/.test(subnet);

/** Other networks, by a subnet to look from. */
function sideNames(around: Surroundings, network: LiveNetwork): ReadonlyMap<string, string> {
  const others = (around.fed.networks?.networks ?? []).filter(
    (other) => other.id !== network.id && other.present && other.driver === "bridge",
  );
  const sides = others.flatMap(({ name, subnets }): readonly (readonly [string, string])[] => {
    const subnet = subnets.find(isIpv4Subnet);
    return subnet === undefined ? [] : [[subnet, name]];
  });
  return new Map(sides.slice(0, mostSides));
}

/** What the answer depends on, as far as it is seen here. */
const momentOf = ({ members }: LiveNetwork, round: number): string =>
  [`${round}`, ...members.map(({ id, hostLink, addresses, ports }) => [id || hostLink, ...addresses, ...ports].join(" "))].join("\n");

const exposureOf = ({ fed }: Surroundings): ExposureFed | undefined => fed.exposure;

function rowsOf({ list }: State, around: Surroundings): readonly PublishedRow[] {
  const network = chosenNetwork(around);
  if (!network) return [];
  const names = sideNames(around, network);
  const rows = publishedRows(network, exposureOf(around)?.ports ?? []);
  const order = orders[list.sorted.column] ?? (({ key }: PublishedRow) => key);
  return sortRows(
    rows.filter((row) => passesFilter(list.filter, [row.port, row.to, row.member.name, wordsOf(row, around, names)].join(" "))),
    order,
    ({ key }) => key,
    list.sorted.descending,
  );
}

const orders: Readonly<Record<string, (row: PublishedRow) => string | number>> = {
  port: ({ exposed, port }) => exposed?.port ?? Number(/:(\d+)/.exec(port)?.[1] ?? 0),
  container: ({ member }) => member.name,
};
const orderNames = Object.keys(orders);

function wordsOf({ exposed }: PublishedRow, around: Surroundings, names: ReadonlyMap<string, string>): string {
  if (exposed) return exposureWords(exposed, names);
  const fed = exposureOf(around);
  if (!fed) return "asking ...";
  return fed.error ? "not known" : "no rule leads there";
}

function columnsOf(around: Surroundings, names: ReadonlyMap<string, string>): readonly Column<PublishedRow>[] {
  return [
    { name: "port", title: "PORT", least: 19, grows: 1, cell: ({ port }) => port },
    { name: "container", title: "CONTAINER", least: 12, grows: 1, cell: ({ member }) => member.name },
    { name: "to", title: "LEADS TO", least: 14, grows: 1, priority: 1, cell: ({ to }) => to || "-" },
    {
      name: "exposure",
      title: "WHO REACHES IT",
      least: 20,
      grows: 4,
      cell(row) {
        const isOpen = row.exposed?.cells.some(({ side, verdict }) => side === "internet" && verdict === "reachable");
        return { text: wordsOf(row, around, names), role: isOpen ? "warning" : "plain" };
      },
    },
  ];
}

/** Why, for the chosen one: as much as there is room for. */
function footOf(state: State, around: Surroundings, names: ReadonlyMap<string, string>): readonly Line[] {
  const { columns, rows } = around.size;
  const error = exposureOf(around)?.error;
  const said = error === undefined ? [] : wrapText(error, columns).slice(0, 2);
  const all = rowsOf(state, around);
  const { exposed } =
    all[
      placeOf(
        state.list,
        all.map(({ key }) => key),
      )
    ] ?? {};
  const reasons = exposed ? exposureReasons(exposed, names).map((text) => fitText(text, columns, around.glyphs.cut)) : [];
  const room = Math.max(Math.floor(rows / 2) - 1, 0);
  return [...said, ...reasons].slice(0, room).map((text): Line => [span(text, error === undefined ? "dim" : "bad")]);
}

function update(state: State, message: PartMessage, around: Surroundings): Change<State> {
  const network = chosenNetwork(around);
  if (!network) return { state, isUnused: true };
  const rows = rowsOf(state, around);
  const keys = rows.map(({ key }) => key);
  const { list } = state;
  const height = heightOf(list, around, footOf(state, around, sideNames(around, network)).length);
  if (message.kind === "mouse") return { state: { ...state, list: updateListByMouse(list, message.mouse, keys, height) } };
  if (message.kind !== "key") return { state: message.kind === "fed" ? { ...state, list: settleList(list, keys, height) } : state };
  const changed = updateListByKey(list, message.key, keys, height, orderNames);
  if (changed) return { state: { ...state, list: changed } };
  if (message.key.name === "r")
    return { state: { ...state, round: state.round + 1 }, effects: [{ kind: "say", text: "asking again ..." }] };
  const id = rows[placeOf(list, keys)]?.member.id ?? "";
  if (message.key.name !== "enter" || id === "" || foreignOf(network)) return { state, isUnused: true };
  return { state, effects: [{ kind: "go", view: "containers", row: id }] };
}

export const portTab: Part<State> = {
  name: "ports",
  title: "Ports",
  initial: { list: emptyList("port"), round: 0 },
  needs({ round }, around) {
    const network = chosenNetwork(around);
    if (!network || network.members.length === 0) return [];
    return [{ kind: "exposure", networks: [...sideNames(around, network).keys()], moment: momentOf(network, round) }];
  },
  update,
  draw(state, around) {
    const network = chosenNetwork(around);
    if (!network) return { lines: [line("it is not there any more", "dim")] };
    const names = sideNames(around, network);
    const isAsking = network.members.length > 0 && exposureOf(around) === undefined;
    const nothing = state.list.filter !== "" ? "no port passes the filter" : isAsking ? "asking ..." : "no port is published here";
    return drawList(
      {
        list: state.list,
        listed: listed(rowsOf(state, around), ({ key }) => key),
        columns: columnsOf(around, names),
        nothing: [nothing],
        foot: footOf(state, around, names),
      },
      around,
    );
  },
  keys: () => [{ key: "r", does: "ask again", isShown: true }, { key: "Enter", does: "to the container", isShown: true }, ...listHints],
};
