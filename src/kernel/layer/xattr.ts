// Extended attributes of many files at once, through the native program: node:fs reads none.
import type { Xattrs } from "../../layer/entry.ts";
import { runMountProgram } from "../mount/native.ts";
import type { ByteString } from "../tree/path.ts";

/** Parses `INDEX\0NAME\0HEX\0...`; what is malformed ends the list. */
export function parseXattrs(bytes: Buffer): ReadonlyMap<number, Xattrs> {
  const found = new Map<number, Map<string, Buffer>>();
  const words = bytes.toString("latin1").split("\0");
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [index = "", name = "", hex = ""] = words.slice(at, at + 3);
    if (!/^\d+$/.test(index) || !/^(?:[0-9a-f]{2})*$/.test(hex)) break;
    const values = found.get(Number(index)) ?? new Map<string, Buffer>();
    values.set(name, Buffer.from(hex, "hex"));
    found.set(Number(index), values);
  }
  return found;
}

/** Attributes by path, relative to `directory`, of those that have any; what is missing has none. */
export function readXattrs(directory: string, paths: readonly ByteString[]): ReadonlyMap<ByteString, Xattrs> {
  if (paths.length === 0) return new Map();
  const found = parseXattrs(runMountProgram(["xattr", directory], Buffer.from(`${paths.join("\0")}\0`, "latin1")));
  return new Map([...found].map(([index, values]) => [paths[index] ?? "", values]));
}
