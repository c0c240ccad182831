// Layers laid over each other as overlayfs shows them: what is seen of which layer, and what of a layer is hidden by a later one.
// Pure; entries come from src/kernel/layer/walk.ts.
import { isOpaque, isWhiteout, type LayerEntry } from "./entry.ts";

export interface Seen {
  /** 0 is the lowest. */
  readonly layer: number;
  readonly entry: LayerEntry;
}

export interface Hidden extends Seen {
  /** The layer that hides it. */
  readonly by: number;
  readonly how: "deleted" | "replaced" | "opaque";
}

export interface Merged {
  /** By path, "" is the root. */
  readonly seen: ReadonlyMap<string, Seen>;
  /** Files, no directories. */
  readonly hidden: readonly Hidden[];
}

interface Node extends Seen {
  readonly children: Map<string, Node>;
}

/** `layers` lowest first, the entries of each with directories before what they hold. */
export function mergeLayers(layers: readonly (readonly LayerEntry[])[]): Merged {
  const hidden: Hidden[] = [];
  let root: Node | undefined;
  layers.forEach((entries, layer) => {
    for (const entry of entries) {
      if (entry.path === "") root = { layer, entry, children: root?.children ?? new Map() };
      else if (root) lay(root, { layer, entry, children: new Map() }, hidden);
    }
  });
  const seen = new Map<string, Seen>();
  if (root) collect(root, seen);
  return { seen, hidden };
}

/** Lays one entry over what is there. */
function lay(root: Node, node: Node, hidden: Hidden[]): void {
  const { layer, entry } = node;
  const names = entry.path.split("/");
  const name = names.pop() ?? "";
  let parent: Node | undefined = root;
  for (const part of names) parent = parent?.children.get(part);
  if (!parent) return; // below a whiteout of its own layer: nothing that overlay would show
  const existing = parent.children.get(name);
  if (isWhiteout(entry)) {
    if (existing) hide(existing, layer, "deleted", hidden);
    parent.children.delete(name);
    return;
  }
  const isDirectory = entry.type === "directory";
  if (existing && !(isDirectory && existing.entry.type === "directory")) hide(existing, layer, "replaced", hidden);
  else if (existing && isOpaque(entry)) for (const child of existing.children.values()) hide(child, layer, "opaque", hidden);
  const goesOn = isDirectory && existing?.entry.type === "directory" && !isOpaque(entry);
  parent.children.set(name, goesOn && existing ? { layer, entry, children: existing.children } : node);
}

function hide(node: Node, by: number, how: Hidden["how"], hidden: Hidden[]): void {
  const { layer, entry, children } = node;
  // what a layer replaces of its own was never shipped twice
  if (entry.type !== "directory" && layer !== by) hidden.push({ layer, entry, by, how });
  for (const child of children.values()) hide(child, by, how, hidden);
}

function collect(node: Node, seen: Map<string, Seen>): void {
  seen.set(node.entry.path, { layer: node.layer, entry: node.entry });
  for (const child of node.children.values()) collect(child, seen);
}
