// The tab with what the chosen container has changed of its image's files. Walked when it is opened and on demand, not again and again. Pure.
import { clockTime } from "../../draw/amount.ts";
import { type Line, line, span } from "../../draw/cell.ts";
import type { TreeNode } from "../../draw/tree.ts";
import { lastOf } from "../../model/memo.ts";
import type { ChangesFed } from "../../model/need.ts";
import type { Part, Surroundings } from "../../model/part.ts";
import { emptyTree, renderTree, type TreeState, treeHints, updateTree } from "../../model/tree.ts";
import { changeTree, summarize } from "./tree.ts";

interface State {
  readonly tree: TreeState;
  /** How often it was asked for anew. */
  readonly round: number;
}

const none: ChangesFed["changes"] = { changes: [], left: 0, atMs: 0 };
const treeOf = lastOf((fed: ChangesFed["changes"]): readonly TreeNode[] => changeTree(fed.changes));
const summaryOf = lastOf((fed: ChangesFed["changes"]): string => summarize(fed.changes));

const fedOf = ({ fed, chosen }: Surroundings): ChangesFed | undefined =>
  fed.changes && fed.changes.id === chosen?.id ? fed.changes : undefined;
const nodesOf = (around: Surroundings): readonly TreeNode[] => treeOf(fedOf(around)?.changes ?? none);

function headOf({ round }: State, fed: ChangesFed): readonly Line[] {
  const { changes } = fed;
  const isOld = fed.round !== round ? "  walking again ..." : "";
  const left = changes.left > 0 ? `  and ${changes.left} more that are not shown` : "";
  return [[span(summaryOf(changes), "strong"), span(`${left}  as of ${clockTime(changes.atMs)}${isOld}`, "dim")]];
}

export const changeTab: Part<State> = {
  name: "changes",
  title: "Changes",
  initial: { tree: emptyTree(1), round: 0 },
  needs: ({ round }, { chosen }) => (chosen?.kind === "container" ? [{ kind: "changes", id: chosen.id, round }] : []),
  update(state, message, around) {
    if (message.kind === "key" && message.key.name === "R" && !state.tree.isSearching)
      return { state: { ...state, round: state.round + 1 } };
    const change = updateTree(state.tree, message, nodesOf(around), around, 1);
    return { ...change, state: { ...state, tree: change.state } };
  },
  draw(state, around) {
    const fed = fedOf(around);
    if (!fed) return { lines: [line("its layer is being walked ...", "dim")] };
    if (fed.changes.changes.length === 0) return { lines: [...headOf(state, fed), line("it has changed no file of its image", "dim")] };
    return renderTree(state.tree, nodesOf(around), around, headOf(state, fed));
  },
  keys: () => [{ key: "R", does: "walk again", isShown: true }, ...treeHints],
};
