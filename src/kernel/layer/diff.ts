// What an overlay's upper directory changes: its entries compared with the directories below, as docker diff lists them.
// Reads only; whiteouts are character devices 0:0 (Documentation/filesystems/overlayfs.rst).
import { lstatSync, readdirSync, type Stats } from "node:fs";
import { isErrno } from "../../base/error.ts";
import type { RootChange } from "../../container/change.ts";
import { type ByteString, toByteString, toFsPath, toText } from "../tree/path.ts";

const isWhiteout = (stat: Stats) => stat.isCharacterDevice() && stat.rdev === 0;

function statOf(path: ByteString): Stats | undefined {
  return lstatSync(toFsPath(path), { throwIfNoEntry: false });
}

/** Whether the layers below have `path`; `lower` is uppermost first. Links on the way are no directories. */
function isBelow(lower: readonly ByteString[], path: ByteString): boolean {
  const names = path.split("/").slice(1);
  for (const layer of lower) {
    const found = lookUp(layer === "/" ? "" : layer, names);
    if (found === "whiteout") return false;
    if (found === "present") return true;
  }
  return false;
}

function lookUp(layer: ByteString, names: readonly ByteString[]): "present" | "absent" | "whiteout" {
  let at = layer;
  for (const [index, name] of names.entries()) {
    at += `/${name}`;
    const stat = statOf(at);
    if (!stat) return "absent";
    if (isWhiteout(stat)) return "whiteout";
    if (index < names.length - 1 && !stat.isDirectory()) return "absent";
  }
  return "present";
}

export interface SizedChange extends RootChange {
  /** Of a file's data; 0 for all else. */
  readonly sizeBytes: number;
  readonly isDirectory: boolean;
}

/** Changes in order of their paths. A directory that only holds changes is itself "C". */
export function readLayerChanges(upper: string, lower: readonly string[]): RootChange[] {
  const steps = layerChangeSteps(upper, lower);
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value.map(({ kind, path }) => ({ kind, path }));
}

/** The same with sizes, with a stop at each entry, for who has something else to do meanwhile. What vanishes meanwhile is no change. */
export function* layerChangeSteps(upper: string, lower: readonly string[]): Generator<void, SizedChange[]> {
  const changes: SizedChange[] = [];
  const root = toByteString(upper);
  const below = lower.map(toByteString);
  const waiting = namesIn(root).map((name) => `/${name}`);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    yield;
    const stat = statOf(`${root}${path}`);
    if (!stat) continue;
    const isDirectory = stat.isDirectory();
    const shown = toText(path);
    if (isWhiteout(stat)) changes.push({ kind: "D", path: shown, sizeBytes: 0, isDirectory: false });
    else changes.push({ kind: isBelow(below, path) ? "C" : "A", path: shown, sizeBytes: stat.isFile() ? stat.size : 0, isDirectory });
    if (isDirectory) for (const name of namesIn(`${root}${path}`)) waiting.push(`${path}/${name}`);
  }
  return changes;
}

/** Last first. */
function namesIn(directory: ByteString): ByteString[] {
  try {
    return readdirSync(toFsPath(directory), { encoding: "latin1" }).sort().reverse();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}
