// How much a container has written.
import type { ContainerRecord } from "../../container/record.ts";
import { measureSize } from "../../kernel/tree/size.ts";
import { tryGetImage } from "../../store/image-record.ts";
import type { Engine } from "../engine.ts";
import { containerDirectory } from "./directory.ts";

/** Bytes of the files in its writable layer, docker's SizeRw; where that is a file system in a file, what this takes on disk. */
export function writableBytes(engine: Engine, id: string): number {
  const { upper, upperImage } = containerDirectory(engine.root, id);
  return measureSize(upper).fileBytes + measureSize(upperImage).diskBytes;
}

/** Bytes, as docker's inspect calls them. */
export interface ContainerSizes {
  /** What it has written. */
  readonly rw: number;
  /** With what its image has. */
  readonly rootFs: number;
}

/** Reads every file it has written. */
export function containerSizes(engine: Engine, { id, spec }: ContainerRecord): ContainerSizes {
  const rw = writableBytes(engine, id);
  return { rw, rootFs: rw + (tryGetImage(engine.store, spec.imageId)?.sizeBytes ?? 0) };
}
