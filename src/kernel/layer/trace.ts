// Follows a path through a stack of layers, links on the way as the merged tree has them, to every layer that has its last name.
import type { LayerEntry } from "../../layer/entry.ts";
import { type ByteString, toByteString, toText } from "../tree/path.ts";
import { type Found, type LayerDirectory, type LayerStack, openStack } from "./stack.ts";
import { readLink } from "./walk.ts";

const linksMax = 40; // path_resolution(7)

export interface Trace extends Found {
  /** Absolute in the merged tree, links before the last name resolved; text. */
  readonly path: string;
  readonly stack: LayerStack;
}

/** `layers` uppermost first, `path` absolute in the merged tree. No hits: no layer has it, or the way there. */
export function tracePath(layers: readonly string[], path: string): Trace {
  const stack = openStack(layers);
  const root: Found = { hits: layers.flatMap((_, layer) => rootHit(stack, layer)), directories: stack.root };
  const ahead = toByteString(path).split("/").reverse();
  const way: { readonly name: ByteString; readonly within: readonly LayerDirectory[] }[] = [];
  let found = root;
  let links = 0;
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    if (name === "" || name === ".") continue;
    if (name === "..") {
      way.pop();
      const last = way.at(-1);
      found = last ? stack.lookUp(last.within, last.name) : root;
      continue;
    }
    const within = found.directories;
    const next = stack.lookUp(within, name);
    const seen = next.hits.find(({ role }) => role === "provides");
    if (seen?.entry.type === "symlink" && ahead.some((word) => word !== "" && word !== ".")) {
      if (++links > linksMax) return { hits: [], directories: [], path, stack };
      const target = readLink(layers[seen.layer] ?? "", seen.entry.path);
      if (target.startsWith("/")) {
        way.length = 0;
        found = root;
      }
      ahead.push(...target.split("/").reverse());
      continue;
    }
    way.push({ name, within });
    found = next;
  }
  return { ...found, path: `/${way.map(({ name }) => toText(name)).join("/")}`, stack };
}

function rootHit(stack: LayerStack, layer: number): Found["hits"] {
  const entry: LayerEntry | undefined = stack.entry(layer, "");
  return entry ? [{ layer, entry, role: layer === 0 ? "provides" : "merges" }] : [];
}
