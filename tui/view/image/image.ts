// The view of images: their names, who uses them, and, opened, the steps and layers they are made of. Pure.
import { imageActions } from "../../action/image.ts";
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
import { imageColumns } from "./column.ts";
import {
  descendingImageOrders,
  type ImageFacts,
  type ImageNameRow,
  type ImageRow,
  imageOrders,
  imageRows,
  openImages,
  referenceOf,
} from "./row.ts";

const orders = Object.keys(imageOrders);
const initial = emptyBranches("age");

/** Sorted and filtered when something has changed, not for each drawing. */
const rowsNow = lastOf(
  (state: BranchState, images: ImageFacts["images"], steps: ImageFacts["steps"], counts: ImageFacts["counts"]): readonly ImageRow[] =>
    imageRows(state, { images, steps, counts }),
);

const rowsOf = (state: BranchState, { fed }: Pick<Surroundings, "fed">): readonly ImageRow[] =>
  rowsNow(state, fed.images?.images, fed.steps?.steps, fed.content?.counts);

const nameOf = (row: ImageRow, rows: readonly ImageRow[]): ImageNameRow | undefined => {
  const outer = row.parent === undefined ? row : rows.find(({ key }) => key === row.parent);
  return outer?.kind === "image" ? outer : undefined;
};

function chosenOf(row: ImageRow, rows: readonly ImageRow[]): Chosen | undefined {
  const named = nameOf(row, rows);
  if (!named) return undefined;
  const layer = row.kind === "step" ? row.step.layer : undefined;
  return { kind: "image", reference: referenceOf(named), id: named.image.id, ...(layer === undefined ? {} : { layer }) };
}

function update(state: BranchState, message: PartMessage, around: Surroundings): Change<BranchState> {
  const height = heightOf(state.list, around);
  if (message.kind === "show") {
    const { row: wanted } = message;
    const isMeant = (row: ImageRow) => row.kind === "image" && [row.key, row.name, row.image.id].includes(wanted);
    return { state: showBranch(state, isMeant, (other) => rowsOf(other, around), height) };
  }
  const rows = rowsOf(state, around);
  if (message.kind === "fed") return { state: message.fed.feed === "images" ? settleBranches(state, rows, height) : state };
  const branching = {
    rows,
    height,
    orders,
    enter: (row: ImageRow) => (row.kind === "user" ? [{ kind: "go", view: "containers", row: row.user.id } as const] : []),
  };
  if (message.kind === "key") return updateBranchesByKey(state, message.key, branching);
  const list = sortByPress(state.list, message.mouse, imageColumns(around.nowMs, around.glyphs), around.size.columns, {
    names: orders,
    descends: descendingImageOrders,
  });
  return list ? { state: { ...state, list } } : updateBranchesByMouse(state, message.mouse, branching);
}

export const imageView: View<BranchState> = {
  name: "images",
  title: "Images",
  short: "Img",
  initial,
  whole: { ...initial, open: everyKey },
  tabs: ["layers", "inspect"],
  actions: imageActions,
  needs(state, around) {
    const rows = rowsOf(state, around);
    const open = openImages(rows);
    const chosen = chosenBranch(state, rows);
    // Only what is looked at is looked into.
    const walked =
      chosen && open.includes(chosen.image.id) && !chosen.image.isHost && !around.glyphs.isPlain
        ? [{ kind: "content", image: chosen.image.id } as const]
        : [];
    return [{ kind: "images" }, ...(open.length > 0 ? [{ kind: "steps", images: open } as const] : []), ...walked];
  },
  update,
  draw(state, around) {
    const rows = rowsOf(state, around);
    const isEmpty = around.fed.images !== undefined && state.list.filter === "";
    return drawList(
      {
        list: state.list,
        listed: listed(rows, ({ key }) => key),
        columns: imageColumns(around.nowMs, around.glyphs),
        nothing: [
          around.fed.images === undefined ? "reading ..." : state.list.filter === "" ? "no images" : "no image passes the filter",
          ...(isEmpty ? ["p pulls one from a registry"] : []),
        ],
      },
      around,
    );
  },
  keys: () => branchHints,
  chosen(state, around) {
    const rows = rowsOf(state, { fed: around.fed });
    const row = chosenBranch(state, rows);
    return row && chosenOf(row, rows);
  },
  targets(state, around) {
    const rows = rowsOf(state, around);
    return targetsOfBranches(state, rows).flatMap((row) => chosenOf(row, rows) ?? []);
  },
  keep: {
    save: ({ list }) => saveList(list),
    restore: (kept) => ({ ...initial, list: restoreList(initial.list, kept, orders) }),
  },
};
