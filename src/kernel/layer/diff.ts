// What an overlay's upper directory changes: its entries compared with the directories below, as docker diff lists them.
// Reads only; whiteouts are character devices 0:0 (Documentation/filesystems/overlayfs.rst).
import { lstatSync, readdirSync, type Stats } from "node:fs";
import type { RootChange } from "../../container/change.ts";

const isWhiteout = (stat: Stats) => stat.isCharacterDevice() && stat.rdev === 0;

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** Whether the layers below have `path`; `lower` is uppermost first. Links on the way are no directories. */
function isBelow(lower: readonly string[], path: string): boolean {
  const names = path.split("/").slice(1);
  for (const layer of lower) {
    const found = lookUp(layer === "/" ? "" : layer, names);
    if (found === "whiteout") return false;
    if (found === "present") return true;
  }
  return false;
}

function lookUp(layer: string, names: readonly string[]): "present" | "absent" | "whiteout" {
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

/** Changes in order of their paths. A directory that only holds changes is itself "C". */
export function readLayerChanges(upper: string, lower: readonly string[]): RootChange[] {
  const changes: RootChange[] = [];
  const walk = (directory: string, path: string): void => {
    for (const name of readdirSync(directory).sort()) {
      const inside = `${path}/${name}`;
      const stat = statOf(`${directory}/${name}`);
      if (!stat) continue;
      if (isWhiteout(stat)) {
        changes.push({ kind: "D", path: inside });
        continue;
      }
      changes.push({ kind: isBelow(lower, inside) ? "C" : "A", path: inside });
      if (stat.isDirectory()) walk(`${directory}/${name}`, inside);
    }
  };
  walk(upper, "");
  return changes;
}
