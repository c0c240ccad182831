// Where ext4 lays trees that are made and removed again and again.
import { TsnsError } from "../../base/error.ts";
import { applyNodes } from "./node-batch.ts";

/**
 * Marks a directory as one of unrelated trees (`T` of chattr(1)): ext4 takes no inode for minutes that was freed just now, so that one laid
 * where another was removed would search bitmaps for each of its files. Other file systems have no such mark, which is no error; nor is it
 * one that the program which sets it is missing: what cannot do without says so.
 */
export function spreadTrees(directory: string): void {
  try {
    applyNodes(directory, [{ operation: "spread", path: "" }]);
  } catch (error) {
    if (!(error instanceof TsnsError)) throw error;
  }
}
