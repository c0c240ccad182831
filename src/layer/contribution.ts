// What each layer of an image does to those below it: what it adds, changes and takes away, as a tree. Layers are laid one after the other,
// lowest first; sums are kept while they are laid, so that nothing has to go through all of it afterwards. Pure; entries come from
// src/kernel/layer.
import { isOpaque, isWhiteout, type LayerEntry } from "./entry.ts";

export type Deed = "added" | "changed" | "removed";

/** A place in a tree of files. Names are byte strings: one character a byte. */
export interface LayerNode {
  /** What the layer did here; absent for a directory that was there before. */
  readonly deed?: Deed;
  readonly isDirectory: boolean;
  /** Of the files that are here and below, one with several names once. */
  readonly sizeBytes: number;
  /** Bytes of what was here and below, and is seen no more. */
  readonly removedBytes: number;
  readonly children?: ReadonlyMap<string, LayerNode>;
}

/** Files, links and nodes, no directories. */
export interface LayerCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

export interface Contribution {
  readonly counts: LayerCounts;
  readonly root: LayerNode;
}

interface Draft {
  deed?: Deed;
  isDirectory: boolean;
  sizeBytes: number;
  removedBytes: number;
  children?: Map<string, Draft>;
}

export interface LayerStacking {
  /** Lays the next layer: its entries one by one, a directory before what it holds. */
  begin(): { lay(entry: LayerEntry): void; readonly contribution: Contribution };
  /** All that is seen after the layers laid so far. */
  readonly whole: Contribution;
}

const newDraft = (isDirectory: boolean): Draft => ({ isDirectory, sizeBytes: 0, removedBytes: 0 });

function childOf(draft: Draft, name: string, isDirectory: boolean): Draft {
  draft.children ??= new Map();
  let child = draft.children.get(name);
  if (!child) {
    child = newDraft(isDirectory);
    draft.children.set(name, child);
  }
  return child;
}

/** Notes what was at a place as removed. How many files that are. */
function noteRemoved(place: Draft, draft: Draft): number {
  draft.deed = "removed";
  draft.isDirectory = place.isDirectory;
  draft.removedBytes += place.sizeBytes;
  if (!place.isDirectory) return 1;
  let removed = 0;
  for (const [name, child] of place.children ?? []) removed += noteRemoved(child, childOf(draft, name, child.isDirectory));
  return removed;
}

export function openStacking(): LayerStacking {
  const root = newDraft(true);
  const whole = { added: 0, changed: 0, removed: 0 };
  return {
    whole: { counts: whole, root },
    begin() {
      const counts = { added: 0, changed: 0, removed: 0 };
      const top = newDraft(true);
      const lay = openLayer(root, top, counts);
      return {
        lay(entry) {
          const { added, removed } = counts;
          lay(entry);
          whole.added += counts.added - added - (counts.removed - removed);
        },
        contribution: { counts, root: top },
      };
    },
  };
}

interface Way {
  /** Directories from the root to where an entry is: as all layers together have them, and as this layer does. */
  readonly seen: readonly Draft[];
  readonly own: readonly Draft[];
}

function openLayer(root: Draft, top: Draft, counts: { added: number; changed: number; removed: number }): (entry: LayerEntry) => void {
  const linked = new Set<bigint>();
  /** Files with several names are counted once. */
  function bytesOf({ type, links, inode, sizeBytes }: LayerEntry): number {
    if (type !== "file" || (links > 1 && linked.has(inode))) return 0;
    if (links > 1) linked.add(inode);
    return sizeBytes;
  }
  function grow({ seen, own }: Way, bytes: number, lostBytes: number): void {
    for (const place of seen) place.sizeBytes += bytes - lostBytes;
    for (const place of own) {
      place.sizeBytes += bytes;
      place.removedBytes += lostBytes;
    }
  }
  function remove(way: Way, places: Map<string, Draft>, name: string, before: Draft, draft: Draft): void {
    counts.removed += noteRemoved(before, draft);
    places.delete(name);
    grow(way, 0, before.sizeBytes);
  }
  function putDirectory(way: Way, places: Map<string, Draft>, name: string, draft: Draft, entry: LayerEntry): void {
    const before = places.get(name);
    if (before?.isDirectory && !isOpaque(entry)) return;
    if (before?.isDirectory) {
      const inner: Way = { seen: [...way.seen, before], own: [...way.own, draft] };
      for (const [child, place] of [...(before.children ?? [])]) {
        remove(inner, before.children ?? new Map(), child, place, childOf(draft, child, place.isDirectory));
      }
    } else if (before) remove(way, places, name, before, draft);
    draft.deed = before ? "changed" : "added";
    draft.isDirectory = true;
    if (!before?.isDirectory) places.set(name, newDraft(true));
  }
  function putFile(way: Way, places: Map<string, Draft>, name: string, draft: Draft, entry: LayerEntry): void {
    const before = places.get(name);
    if (before?.isDirectory) remove(way, places, name, before, draft);
    const replaced = before && !before.isDirectory ? before : undefined;
    const bytes = bytesOf(entry);
    draft.deed = before ? "changed" : "added";
    draft.isDirectory = false;
    draft.sizeBytes = bytes;
    if (replaced) draft.removedBytes = replaced.sizeBytes;
    // A directory whose files were counted as removed has made room for one that was not there.
    if (replaced) counts.changed++;
    else counts.added++;
    places.set(name, { isDirectory: false, sizeBytes: bytes, removedBytes: 0 });
    grow(way, bytes, replaced?.sizeBytes ?? 0);
  }
  return (entry) => {
    if (entry.path === "") return;
    const names = entry.path.split("/");
    const name = names.pop() ?? "";
    const way = { seen: [root], own: [top] };
    let [place, draft]: [Draft, Draft] = [root, top];
    for (const part of names) {
      const next = place.children?.get(part);
      // Below what its own layer has taken away: nothing that is ever seen.
      if (!next?.isDirectory) return;
      place = next;
      draft = childOf(draft, part, true);
      way.seen.push(place);
      way.own.push(draft);
    }
    place.children ??= new Map();
    const before = place.children.get(name);
    if (isWhiteout(entry)) {
      if (before) remove(way, place.children, name, before, childOf(draft, name, before.isDirectory));
    } else if (entry.type === "directory") putDirectory(way, place.children, name, childOf(draft, name, true), entry);
    else putFile(way, place.children, name, childOf(draft, name, false), entry);
  };
}
