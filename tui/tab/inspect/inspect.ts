// The tab with all that is known of the chosen row, as `tsns inspect` prints it, to be opened and closed. Pure.
import { line } from "../../draw/cell.ts";
import type { TreeNode } from "../../draw/tree.ts";
import { lastOf } from "../../model/memo.ts";
import type { InspectFed } from "../../model/need.ts";
import type { Part, Surroundings } from "../../model/part.ts";
import { emptyTree, renderTree, type TreeState, treeHints, updateTree } from "../../model/tree.ts";
import { jsonTree } from "./json.ts";

const treeOf = lastOf((document: InspectFed["document"]): readonly TreeNode[] => (document ? jsonTree(document) : []));

const fedOf = ({ fed, chosen }: Surroundings): InspectFed | undefined =>
  fed.inspect && fed.inspect.object === chosen?.kind && fed.inspect.id === chosen.id ? fed.inspect : undefined;

const nodesOf = (around: Surroundings): readonly TreeNode[] => treeOf(fedOf(around)?.document);

export const inspectTab: Part<TreeState> = {
  name: "inspect",
  title: "Inspect",
  initial: emptyTree(),
  needs: (_, { chosen }) =>
    chosen && chosen.kind !== "command" && chosen.kind !== "event" && chosen.foreign === undefined
      ? [{ kind: "inspect", object: chosen.kind, id: chosen.id }]
      : [],
  update: (state, message, around) => updateTree(state, message, nodesOf(around), around),
  draw(state, around) {
    const fed = fedOf(around);
    if (around.chosen?.foreign !== undefined)
      return { lines: [line(`it is ${around.chosen.foreign}'s: what tsns sees of it is in the other tabs`, "dim")] };
    if (!fed) return { lines: [line("reading ...", "dim")] };
    if (!fed.document) return { lines: [line("it is not there any more", "dim")] };
    return renderTree(state, nodesOf(around), around);
  },
  keys: () => treeHints,
};
