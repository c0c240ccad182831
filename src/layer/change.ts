// What an upper directory changes in the layers below, as values for listings.
import type { EntryType } from "./entry.ts";

export interface LayerChange {
  readonly kind: "added" | "changed" | "deleted";
  /** Absolute inside the merged tree; text. */
  readonly path: string;
  readonly type: EntryType;
  /** Of a file in the upper directory; of what was deleted 0. */
  readonly sizeBytes: number;
  /** Of what lies below: a file, or all files of a deleted directory. */
  readonly lowerSizeBytes: number;
  /** "opaque", "renamed from /x", "metadata only", "below an opaque directory". */
  readonly notes: readonly string[];
}

/** A file of the upper directory that has been copied from below. */
export interface CopyUp {
  readonly path: string;
  readonly sizeBytes: number;
  /** On disk. */
  readonly allocatedBytes: number;
  /** "data": its contents differ. "metadata": the contents are those below. */
  readonly reason: "data" | "metadata";
  /** What else differs: mode, owner, time, attributes. */
  readonly differs: readonly string[];
}

export interface LayerUsage {
  /** All files of the upper directory. */
  readonly files: number;
  readonly allocatedBytes: number;
  /** Largest first. */
  readonly copies: readonly CopyUp[];
  readonly copiedBytes: number;
  /** Of copies whose contents are those below. */
  readonly wastedBytes: number;
}
