// The file of --pid-file: there whole or not at all, as whoever waits for it reads it at once.
import { renameSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { KernelError } from "../../base/error.ts";

/** Throws KernelError. */
export function writePidFile(path: string | undefined, pid: number): void {
  if (path === undefined) return;
  const made = `${dirname(path)}/.${basename(path)}.new`;
  try {
    writeFileSync(made, `${pid}`, { mode: 0o644 });
    renameSync(made, path);
  } catch (error) {
    throw new KernelError("open", error instanceof Error && "code" in error ? `${error.code}` : "EIO", path, { cause: error });
  }
}
