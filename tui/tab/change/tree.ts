// Changes of a file system as a tree of directories, with what each holds. Pure.
import type { SeenChange } from "../../../src/engine/live/change.ts";
import { shortBytes } from "../../draw/amount.ts";
import { type Role, span } from "../../draw/cell.ts";
import type { TreeNode } from "../../draw/tree.ts";

const kinds: Readonly<Record<SeenChange["kind"], { readonly word: string; readonly role: Role }>> = {
  A: { word: "A added  ", role: "good" },
  C: { word: "C changed", role: "warning" },
  D: { word: "D deleted", role: "bad" },
};

interface Draft {
  readonly name: string;
  readonly where: string;
  change: SeenChange | undefined;
  bytes: number;
  /** Changes below it. */
  count: number;
  readonly children: Map<string, Draft>;
}

const draftOf = (name: string, where: string): Draft => ({ name, where, change: undefined, bytes: 0, count: 0, children: new Map() });

/** One file as it is, a directory with the sum of what was written below it. */
function nodeOf({ name, where, change, bytes, count, children }: Draft): TreeNode {
  const { word, role } = kinds[change?.kind ?? "C"];
  const isDirectory = change?.isDirectory === true || children.size > 0;
  const hasSize = change?.kind !== "D" && (change?.sizeBytes !== undefined || bytes > 0);
  const size = hasSize && (!isDirectory || bytes > 0) ? shortBytes(bytes) : "";
  const below = children.size > 0 ? `  (${count})` : "";
  return {
    name,
    label: [span(word, role), span(` ${size.padStart(6)}  `, "dim"), span(`${name}${isDirectory ? "/" : ""}`), span(below, "dim")],
    text: name,
    where,
    ...(children.size > 0 ? { children: [...children.values()].map(nodeOf) } : {}),
  };
}

export function changeTree(changes: readonly SeenChange[]): readonly TreeNode[] {
  const top = draftOf("", "");
  for (const change of changes) {
    let at = top;
    const above: Draft[] = [];
    for (const name of change.path.split("/").slice(1)) {
      const next = at.children.get(name) ?? draftOf(name, `${at.where}/${name}`);
      at.children.set(name, next);
      above.push(next);
      at = next;
    }
    at.change = change;
    for (const draft of above) {
      draft.bytes += change.sizeBytes ?? 0;
      if (draft !== at) draft.count++;
    }
  }
  return [...top.children.values()].map(nodeOf);
}

/** "3 added, 2 changed, 1 deleted, 12.3K written". */
export function summarize(changes: readonly SeenChange[]): string {
  const count = (kind: SeenChange["kind"]) => changes.reduce((sum, change) => sum + (change.kind === kind ? 1 : 0), 0);
  const bytes = changes.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
  const isMeasured = changes.some(({ sizeBytes }) => sizeBytes !== undefined);
  return `${count("A")} added, ${count("C")} changed, ${count("D")} deleted${isMeasured ? `, ${shortBytes(bytes)} written` : ""}`;
}
