// How much a container has written.
import { measureSize } from "../../kernel/tree/size.ts";
import type { Engine } from "../engine.ts";
import { containerDirectory } from "./directory.ts";

/** Bytes of the files in its writable layer, docker's SizeRw; where that is a file system in a file, what this takes on disk. */
export function writableBytes(engine: Engine, id: string): number {
  const { upper, upperImage } = containerDirectory(engine.root, id);
  return measureSize(upper).fileBytes + measureSize(upperImage).diskBytes;
}
