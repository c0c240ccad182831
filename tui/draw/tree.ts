// Nodes with nodes below them, as lines of those that are open. Pure; what keys do to it is in model/tree.ts.
import { type Drawn, fitLine, type Line, line, type Role, span, visible, widthOf } from "./cell.ts";
import type { Glyphs } from "./glyph.ts";
import { wrapText } from "./wrap.ts";

export interface TreeNode {
  /** Told apart from its siblings by it. */
  readonly name: string;
  readonly label: Line;
  /** What a search looks into, and what is told of the chosen one where its label has no room. */
  readonly text: string;
  /** Where it is, for people: ".State.Health", "/etc/hosts". */
  readonly where: string;
  /** Absent: a leaf. */
  readonly children?: readonly TreeNode[];
}

export interface TreeRow {
  readonly node: TreeNode;
  /** Names of it and of all above it, apart from any other node's. */
  readonly path: string;
  readonly parent: string | undefined;
  readonly depth: number;
  readonly isOpen: boolean;
}

export const pathBelow = (parent: string | undefined, name: string): string => (parent === undefined ? name : `${parent}\0${name}`);

/** The nodes that are seen, top down. */
export function openRows(nodes: readonly TreeNode[], isOpen: (path: string, depth: number) => boolean): readonly TreeRow[] {
  const rows: TreeRow[] = [];
  const waiting = nodes.toReversed().map((node) => ({ node, parent: undefined as string | undefined, depth: 0 }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { node, parent, depth } = next;
    const path = pathBelow(parent, node.name);
    const children = node.children ?? [];
    const row = { node, path, parent, depth, isOpen: children.length > 0 && isOpen(path, depth) };
    rows.push(row);
    if (row.isOpen) for (const child of children.toReversed()) waiting.push({ node: child, parent: path, depth: depth + 1 });
  }
  return rows;
}

export interface TreeLook {
  /** Place of the chosen row, and of the first one that is seen. */
  readonly chosen: number;
  readonly top: number;
  readonly isFocused: boolean;
  readonly isMatch: (node: TreeNode) => boolean;
  readonly glyphs: Glyphs;
}

/** At most so many columns of branches: deeper nodes stand where those do. */
const mostIndent = 24;

function renderRow({ node, depth, isOpen }: TreeRow, isChosen: boolean, { glyphs, isFocused, isMatch }: TreeLook): Line {
  const sign = (node.children ?? []).length === 0 ? "  " : isOpen ? glyphs.open : glyphs.closed;
  const whole: Role | undefined = isChosen ? (isFocused ? "chosen" : "strong") : isMatch(node) ? "match" : undefined;
  const head = `${isChosen ? glyphs.chosen : " "}${" ".repeat(Math.min(depth * 2, mostIndent))}${sign}`;
  return [span(head, whole ?? "dim"), ...node.label.map(({ text, role }) => span(text, whole ?? role ?? "plain"))];
}

/** Rows that the chosen one's text takes below, where it has no room in its line. */
const mostTold = 4;

/** Below the tree: where the chosen node is, and its text where that was cut. */
export function renderWhere(row: TreeRow | undefined, columns: number, glyphs: Glyphs): readonly Line[] {
  if (!row) return [];
  const isCut = widthOf(row.node.label) + Math.min(row.depth * 2, mostIndent) + 3 > columns;
  const told = isCut ? wrapText(visible(row.node.text), columns) : [];
  const shown = told.length > mostTold ? [...told.slice(0, mostTold - 1), `${told[mostTold - 1]?.slice(0, -1)}${glyphs.cut}`] : told;
  return [...shown.map((text) => line(text)), line(row.node.where, "dim")];
}

/** In `height` rows. */
export function drawTree(rows: readonly TreeRow[], height: number, columns: number, look: TreeLook): Drawn {
  const seen = rows.slice(look.top, look.top + height);
  return {
    lines: seen.map((row, at) => {
      const isChosen = look.top + at === look.chosen;
      return fitLine(renderRow(row, isChosen, look), columns, isChosen && look.isFocused ? "chosen" : undefined);
    }),
  };
}
