// The tab with what the chosen layer added, changed and took away, or with all that the chosen image holds: a tree, largest first. Pure.
import type { LayerNode } from "../../../src/layer/contribution.ts";
import { shortBytes } from "../../draw/amount.ts";
import { fitText, type Line, line, span } from "../../draw/cell.ts";
import type { TreeNode } from "../../draw/tree.ts";
import { lastOf } from "../../model/memo.ts";
import type { ContentFed } from "../../model/need.ts";
import type { Part, Surroundings } from "../../model/part.ts";
import { emptyTree, renderTree, type TreeState, treeHints, updateTree } from "../../model/tree.ts";
import { renderCounts, renderInstruction } from "../../view/image/column.ts";
import { layerNodes } from "./node.ts";

const nodesOfRoot = lastOf((root: LayerNode): readonly TreeNode[] => layerNodes(root));

const contentOf = ({ fed, chosen }: Surroundings): ContentFed["content"] | undefined =>
  chosen?.kind === "image" && fed.content?.content.id === chosen.id ? fed.content.content : undefined;

function contributionOf(around: Surroundings) {
  const content = contentOf(around);
  const layer = around.chosen?.layer;
  return layer === undefined ? content?.whole : content?.layers[layer - 1];
}

function nodesOf(around: Surroundings): readonly TreeNode[] {
  const contribution = contributionOf(around);
  return contribution ? nodesOfRoot(contribution.root) : [];
}

/** What made it, and what it did, in words. */
function headOf(around: Surroundings): readonly Line[] {
  const content = contentOf(around);
  const contribution = contributionOf(around);
  if (!content || !contribution) return [];
  const { layer } = around.chosen ?? {};
  const { columns } = around.size;
  const { sizeBytes, removedBytes } = contribution.root;
  if (layer === undefined) {
    const count = content.layers.length === 1 ? "1 layer" : `${content.layers.length} layers`;
    return [
      [span(fitText(`${count}: ${contribution.counts.added} files, ${shortBytes(sizeBytes)}`, columns, around.glyphs.cut), "strong")],
    ];
  }
  const step = content.steps.find((candidate) => candidate.layer === layer);
  const gone = removedBytes > 0 ? `, ${shortBytes(removedBytes)} seen no more` : "";
  const did = `layer ${layer} of ${content.layers.length}: ${renderCounts(contribution.counts)}; ${shortBytes(sizeBytes)}${gone}`;
  return [
    [span(fitText(did, columns, around.glyphs.cut), "strong")],
    [span(fitText(renderInstruction(step?.createdBy ?? "") || "the image does not tell what made it", columns, around.glyphs.cut), "dim")],
  ];
}

function nothingOf(around: Surroundings): string {
  const content = contentOf(around);
  const contribution = contributionOf(around);
  if (!content || (!contribution && !content.whole)) {
    return content && content.entries > 0 ? `reading ... ${content.entries} files and directories so far` : "reading ...";
  }
  if (content.layers.length === 0) return "it has no layers: it is this machine itself, or it has gone";
  return contribution ? "nothing: it is empty" : "there is no such layer";
}

export const layerTab: Part<TreeState> = {
  name: "layers",
  title: "Layers",
  initial: emptyTree(),
  needs: (_, { chosen }) => (chosen?.kind === "image" ? [{ kind: "content", image: chosen.id }] : []),
  update: (state, message, around) => updateTree(state, message, nodesOf(around), around, headOf(around).length),
  draw(state, around) {
    const nodes = nodesOf(around);
    const head = headOf(around);
    return nodes.length > 0 ? renderTree(state, nodes, around, head) : { lines: [...head, line(nothingOf(around), "dim")] };
  },
  keys: () => treeHints,
};
