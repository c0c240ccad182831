// tsns image diff: what containers of one image see that those of another do not, or see differently.
import { sameData } from "../../kernel/layer/compare.ts";
import { readLink } from "../../kernel/layer/walk.ts";
import { toText } from "../../kernel/tree/path.ts";
import { compareMetadata, type EntryType } from "../../layer/entry.ts";
import type { Seen } from "../../layer/merge.ts";
import type { Engine } from "../engine.ts";
import { findLayered, type LayeredImage, mergeImage } from "./layer-tree.ts";

export interface ImageChange {
  readonly kind: "added" | "changed" | "deleted";
  readonly path: string;
  readonly type: EntryType;
  /** In the second image; 0 for what is deleted and what is no file. */
  readonly sizeBytes: number;
  /** In the first one. */
  readonly beforeBytes: number;
  /** data, type, target, device, mode, owner, time, attributes. */
  readonly differs: readonly string[];
}

export interface CompareRequest {
  readonly from: string;
  readonly to: string;
  /** Also what differs in nothing but its time. */
  readonly withTimes: boolean;
}

/** In order of their paths. Throws what `findLayered` does. */
export function compareImages(engine: Engine, { from, to, withTimes }: CompareRequest): readonly ImageChange[] {
  const [one, other] = [findLayered(engine, from), findLayered(engine, to)];
  const [before, after] = [mergeImage(one).seen, mergeImage(other).seen];
  const changes: ImageChange[] = [];
  const note = (kind: ImageChange["kind"], seen: Seen, earlier: Seen | undefined, differs: readonly string[]) => {
    const path = `/${toText(seen.entry.path)}`;
    const sizeBytes = kind === "deleted" ? 0 : sizeOf(seen);
    changes.push({ kind, path, type: seen.entry.type, sizeBytes, beforeBytes: earlier ? sizeOf(earlier) : 0, differs });
  };
  for (const [path, seen] of after) {
    const earlier = before.get(path);
    if (!earlier) note("added", seen, undefined, []);
    else {
      const differs = compareSeen(one, earlier, other, seen);
      if (differs.some((what) => withTimes || what !== "time")) note("changed", seen, earlier, differs);
    }
  }
  for (const [path, seen] of before) if (!after.has(path)) note("deleted", seen, seen, []);
  return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

const sizeOf = ({ entry }: Seen): number => (entry.type === "file" ? entry.sizeBytes : 0);

function compareSeen(one: LayeredImage, before: Seen, other: LayeredImage, after: Seen): readonly string[] {
  const [left, right] = [one.layers[before.layer]?.directory ?? "", other.layers[after.layer]?.directory ?? ""];
  // the same file of a layer that both have
  if (left === right && before.entry.path === after.entry.path) return [];
  const [a, b] = [before.entry, after.entry];
  if (a.type !== b.type) return ["type"];
  const what = {
    file: () => (sameData(right, b, left, a) ? [] : ["data"]),
    symlink: () => (readLink(left, a.path) === readLink(right, b.path) ? [] : ["target"]),
    char: () => sameDevice(before, after),
    block: () => sameDevice(before, after),
    directory: () => [],
    fifo: () => [],
    socket: () => [],
  }[a.type]();
  return [...what, ...compareMetadata(a, b)];
}

const sameDevice = ({ entry: a }: Seen, { entry: b }: Seen): string[] => (a.major === b.major && a.minor === b.minor ? [] : ["device"]);
