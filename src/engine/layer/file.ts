// Single files of a container as its layers show them: found and read without mounting anything. What is mounted over them is not seen.
import { closeSync, existsSync, fstatSync, readSync } from "node:fs";
import { posix } from "node:path";
import { hostImage } from "../../image/host.ts";
import { tracePath } from "../../kernel/layer/trace.ts";
import { openLayerFile, readLink } from "../../kernel/layer/walk.ts";
import { toText } from "../../kernel/tree/path.ts";
import { tryGetImage } from "../../store/image-record.ts";
import { layerDirectories } from "../../store/layer.ts";
import { containerDirectory } from "../container/directory.ts";
import type { Engine } from "../engine.ts";

/** Uppermost first; undefined where they cannot be seen: the writable layer is a file system that is not mounted, the image has gone. */
export function visibleLayers(engine: Engine, id: string, imageId: string): readonly string[] | undefined {
  const { upper, upperImage } = containerDirectory(engine.root, id);
  const image = tryGetImage(engine.store, imageId);
  if (!image || existsSync(upperImage)) return undefined;
  const lower = image.id === hostImage.id ? ["/"] : layerDirectories(engine.root, image);
  return existsSync(upper) ? [upper, ...lower] : lower;
}

export interface FilePlace {
  /** Absolute in the container, no link in it. */
  readonly path: string;
  readonly layer: number;
  /** In that layer. */
  readonly inner: string;
  readonly type: "file" | "directory" | "other";
  readonly mode: number;
}

const linksMax = 40; // path_resolution(7)

/** What is at an absolute path, links followed as the container has them. */
export function lookUp(layers: readonly string[], path: string): FilePlace | undefined {
  let wanted = path;
  for (let links = 0; links < linksMax; links++) {
    const trace = tracePath(layers, wanted);
    const hit = trace.hits.find(({ role }) => role === "provides");
    if (!hit) return undefined;
    const { entry, layer } = hit;
    if (entry.type !== "symlink") {
      const type = entry.type === "file" || entry.type === "directory" ? entry.type : "other";
      return { path: trace.path, layer, inner: entry.path, type, mode: entry.mode };
    }
    wanted = posix.resolve(posix.dirname(trace.path), toText(readLink(layers[layer] ?? "", entry.path)));
  }
  return undefined;
}

/** More of a file is never read. */
const readMax = 64 << 20;

/** The first bytes of a regular file. */
export function readPlace(layers: readonly string[], { layer, inner }: FilePlace): Buffer | undefined {
  const file = openLayerFile(layers[layer] ?? "", inner);
  if (file === undefined) return undefined;
  try {
    const buffer = Buffer.alloc(Math.min(fstatSync(file).size, readMax));
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read)
      read = readSync(file, buffer, length, buffer.length - length, length);
    return buffer.subarray(0, length);
  } finally {
    closeSync(file);
  }
}
