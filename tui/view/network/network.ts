// The view of networks: what they are, who is on them, what passes; and the bridges of others on this host. Pure.
import { networkActions } from "../../action/network.ts";
import { restoreList, saveList } from "../../model/list.ts";
import { lastOf } from "../../model/memo.ts";
import type { Change, Chosen, PartMessage, Surroundings, View } from "../../model/part.ts";
import {
  type BranchState,
  branchHints,
  chosenBranch,
  emptyBranches,
  everyKey,
  settleBranches,
  showBranch,
  targetsOfBranches,
  updateBranchesByKey,
  updateBranchesByMouse,
} from "../branch.ts";
import { drawList, heightOf, listed, sortByPress } from "../listing.ts";
import { networkColumns } from "./column.ts";
import {
  descendingNetworkOrders,
  foreignOf,
  keyOfNetwork,
  linksOf,
  type NetworkFacts,
  type NetworkRow,
  nameOfNetwork,
  networkOrders,
  networkRows,
} from "./row.ts";

const orders = Object.keys(networkOrders);
const initial = emptyBranches("name");

/** Sorted and filtered when something has changed, not for each drawing. */
const rowsNow = lastOf((state: BranchState, networks: NetworkFacts["networks"], links: NetworkFacts["links"]): readonly NetworkRow[] =>
  networkRows(state, { networks, links }),
);

const rowsOf = (state: BranchState, { fed }: Pick<Surroundings, "fed">): readonly NetworkRow[] =>
  rowsNow(state, fed.networks?.networks, fed.traffic?.links);

const linksNow = lastOf((networks: NetworkFacts["networks"]): readonly string[] => linksOf(networks ?? []));

function chosenOf({ network }: NetworkRow): Chosen {
  const foreign = foreignOf(network);
  return {
    kind: "network",
    reference: foreign ? nameOfNetwork(network) : network.name,
    id: keyOfNetwork(network),
    ...(foreign ? { foreign } : {}),
  };
}

function update(state: BranchState, message: PartMessage, around: Surroundings): Change<BranchState> {
  const height = heightOf(state.list, around);
  if (message.kind === "show") {
    const { row: wanted } = message;
    const isMeant = (row: NetworkRow) => row.kind === "network" && [row.key, row.network.name, row.network.link].includes(wanted);
    return { state: showBranch(state, isMeant, (other) => rowsOf(other, around), height) };
  }
  const rows = rowsOf(state, around);
  if (message.kind === "fed") return { state: message.fed.feed === "networks" ? settleBranches(state, rows, height) : state };
  const branching = {
    rows,
    height,
    orders,
    enter: (row: NetworkRow) =>
      row.kind === "member" && row.member.id !== "" && !foreignOf(row.network)
        ? [{ kind: "go", view: "containers", row: row.member.id } as const]
        : [],
  };
  if (message.kind === "key") return updateBranchesByKey(state, message.key, branching);
  const list = sortByPress(state.list, message.mouse, networkColumns(around.glyphs), around.size.columns, {
    names: orders,
    descends: descendingNetworkOrders,
  });
  return list ? { state: { ...state, list } } : updateBranchesByMouse(state, message.mouse, branching);
}

export const networkView: View<BranchState> = {
  name: "networks",
  title: "Networks",
  short: "Net",
  initial,
  whole: { ...initial, open: everyKey },
  tabs: ["members", "map", "ports", "inspect"],
  actions: networkActions,
  needs: (_, { fed }) => {
    const links = linksNow(fed.networks?.networks);
    return [{ kind: "networks" }, ...(links.length > 0 ? [{ kind: "traffic", links } as const] : [])];
  },
  update,
  draw(state, around) {
    const nothing =
      around.fed.networks === undefined ? "reading ..." : state.list.filter === "" ? "no networks" : "no network passes the filter";
    return drawList(
      {
        list: state.list,
        listed: listed(rowsOf(state, around), ({ key }) => key),
        columns: networkColumns(around.glyphs),
        nothing: [nothing],
      },
      around,
    );
  },
  keys: () => branchHints,
  chosen(state, around) {
    const row = chosenBranch(state, rowsOf(state, around));
    return row && chosenOf(row);
  },
  targets: (state, around) => targetsOfBranches(state, rowsOf(state, around)).map(chosenOf),
  keep: {
    save: ({ list }) => saveList(list),
    restore: (kept) => ({ ...initial, list: restoreList(initial.list, kept, orders) }),
  },
};
