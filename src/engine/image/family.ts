// tsns image tree: images under the images whose layers they begin with.
import { listImages } from "../../store/image-record.ts";
import { findLayer } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";

export interface FamilyRow {
  /** Image id; "" for layers that several images begin with and that are no image themselves. */
  readonly id: string;
  readonly names: readonly string[];
  /** Of all its layers, and of those it adds to what stands above it. */
  readonly sizeBytes: number;
  readonly ownBytes: number;
  readonly layers: number;
  readonly ownLayers: number;
  readonly depth: number;
  /** What is drawn before it in a tree. */
  readonly branch: string;
}

interface Chain {
  readonly diffIds: readonly string[];
  readonly id: string;
  readonly names: readonly string[];
}

interface Node extends Chain {
  readonly children: Node[];
}

/** A parent before its children. The host image has no layers and is not in it. */
export function readFamily(engine: Engine): readonly FamilyRow[] {
  const images = listImages(engine.store)
    .filter(({ image }) => image.source === "layers")
    .map(({ image, names }): Chain => ({ diffIds: image.diffIds, id: image.id, names }));
  const sizeOf = (diffIds: readonly string[]) =>
    diffIds.reduce((sum, diffId) => sum + (findLayer(engine.store, diffId)?.sizeBytes ?? 0), 0);
  const rows: FamilyRow[] = [];
  const draw = (nodes: readonly Node[], above: number, indent: string, depth: number): void => {
    nodes.forEach(({ id, names, diffIds, children }, at) => {
      const isLast = at === nodes.length - 1;
      const own = diffIds.slice(above);
      rows.push({
        id,
        names,
        sizeBytes: sizeOf(diffIds),
        ownBytes: sizeOf(own),
        layers: diffIds.length,
        ownLayers: own.length,
        depth,
        branch: depth === 0 ? "" : `${indent}${isLast ? "└─" : "├─"}`,
      });
      draw(children, diffIds.length, depth === 0 ? "" : `${indent}${isLast ? "  " : "│ "}`, depth + 1);
    });
  };
  draw(planFamily(images), 0, "", 0);
  return rows;
}

/** Sorted by their layers, images that begin alike stand together. */
export function planFamily(images: readonly Chain[]): readonly Node[] {
  const key = ({ diffIds }: Chain) => diffIds.join(" ");
  const sorted = [...images].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  const group = (list: readonly Chain[], above: number): Node[] => {
    const nodes: Node[] = [];
    for (let at = 0; at < list.length; ) {
      const first = list[at];
      if (!first) break;
      let end = at + 1;
      while (end < list.length && list[end]?.diffIds[above] === first.diffIds[above] && first.diffIds.length > above) end++;
      nodes.push(...nest(list.slice(at, end), above));
      at = end;
    }
    return nodes;
  };
  /** Chains that have at least one more layer in common, or one chain. */
  const nest = (list: readonly Chain[], above: number): Node[] => {
    const [first] = list;
    if (!first) return [];
    let common = Math.min(...list.map(({ diffIds }) => diffIds.length));
    for (const { diffIds } of list) while (diffIds.slice(above, common).some((id, at) => id !== first.diffIds[above + at])) common--;
    const same = list.filter(({ diffIds }) => diffIds.length === common);
    const children = group(
      list.filter(({ diffIds }) => diffIds.length > common),
      common,
    );
    const [parent, ...twins] = same;
    if (!parent) return [{ diffIds: first.diffIds.slice(0, common), id: "", names: [], children }];
    // other configurations of the same layers stand beside it
    return [{ ...parent, children: [...twins.map((twin) => ({ ...twin, children: [] })), ...children] }];
  };
  return group(sorted, 0);
}
