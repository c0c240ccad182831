// Writes the data of a file with holes to where its map says; what is not written stays a hole. Knows no archive.
import { writeSync } from "node:fs";
import type { SparseMap } from "../../image/tar-sparse.ts";

export interface SparseData {
  /** The next bytes of data. */
  write(fd: number, piece: Buffer): void;
}

export function openSparseData({ extents }: SparseMap): SparseData {
  let current = 0;
  let done = 0;
  return {
    write(fd, piece) {
      for (let at = 0; at < piece.length; ) {
        const extent = extents[current];
        if (!extent) throw new Error("data beyond the sparse map"); // the map was checked against the size
        const count = writeSync(fd, piece, at, Math.min(piece.length - at, extent.sizeBytes - done), extent.offset + done);
        at += count;
        done += count;
        if (done < extent.sizeBytes) continue;
        current++;
        done = 0;
      }
    },
  };
}
