// What a layer did, as nodes of a tree: largest first, directories that hold nothing but another one as one line. A directory's nodes are
// made when it is looked into: there may be tens of thousands. Pure.
import type { Deed, LayerNode } from "../../../src/layer/contribution.ts";
import { shortBytes } from "../../draw/amount.ts";
import { type Role, type Span, span } from "../../draw/cell.ts";
import type { TreeNode } from "../../draw/tree.ts";

/** docker's letters of `diff`. */
const letters: Readonly<Record<Deed, { readonly letter: string; readonly role: Role }>> = {
  added: { letter: "A", role: "good" },
  changed: { letter: "C", role: "warning" },
  removed: { letter: "D", role: "bad" },
};

/** Bytes of a name, as text: what is no UTF-8 becomes a sign for it. */
const decoder = new TextDecoder();
export const textOfName = (name: string): string => decoder.decode(Uint8Array.from(name, (character) => character.charCodeAt(0) & 0xff));

const weightOf = ({ sizeBytes, removedBytes }: LayerNode): number => Math.max(sizeBytes, removedBytes);

const sizeWidth = 6;

function sizeText({ deed, sizeBytes, removedBytes, isDirectory }: LayerNode): string {
  const isGone = deed === "removed" || (isDirectory && sizeBytes === 0 && removedBytes > 0);
  return isGone ? `-${shortBytes(removedBytes)}` : shortBytes(sizeBytes);
}

/** Down to where there is more than one way, or something was done. */
function joined(name: string, node: LayerNode): readonly [names: readonly string[], node: LayerNode] {
  const names = [name];
  let at = node;
  for (;;) {
    const [only] = at.children?.size === 1 && at.deed === undefined ? (at.children ?? []) : [];
    if (!only?.[1].isDirectory) return [names, at];
    names.push(only[0]);
    at = only[1];
  }
}

class Node implements TreeNode {
  readonly name: string;
  readonly where: string;
  readonly #node: LayerNode;
  readonly #shown: string;
  #children: readonly TreeNode[] | undefined;

  constructor(names: readonly string[], node: LayerNode, above: string) {
    this.name = names.join("/");
    this.#node = node;
    this.#shown = names.map(textOfName).join("/");
    this.where = `${above}/${this.#shown}`;
  }

  get text(): string {
    return this.#shown;
  }

  get label(): readonly Span[] {
    const { deed, isDirectory } = this.#node;
    const { letter, role } = deed ? letters[deed] : { letter: " ", role: "plain" as const };
    return [
      span(`${sizeText(this.#node).padStart(sizeWidth)} `, "dim"),
      span(`${letter} `, role),
      span(`${this.#shown}${isDirectory ? "/" : ""}`, isDirectory ? "heading" : "plain"),
    ];
  }

  get children(): readonly TreeNode[] {
    this.#children ??= layerNodes(this.#node, this.where);
    return this.#children;
  }
}

/** What is directly below; `above`: the way there. */
export function layerNodes({ children }: LayerNode, above = ""): readonly TreeNode[] {
  return [...(children ?? [])]
    .sort(([one, left], [other, right]) => weightOf(right) - weightOf(left) || (one < other ? -1 : 1))
    .map(([name, node]) => new Node(...joined(name, node), above));
}
