// A small file that is there whole or not at all, as whoever waits for it reads it at once. Others may write in its directory as well: what they
// have put under the name of the temporary file is neither followed nor taken over.
import { closeSync, openSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { isErrno, KernelError } from "../base/error.ts";

/** Throws KernelError, with `hint`; then nothing is left beside what was there. */
export function replaceFile(path: string, text: string, mode: number, hint?: string): void {
  const made = `${dirname(path)}/.${basename(path)}.new`;
  try {
    removeName(made);
    const file = openSync(made, "wx", mode);
    try {
      writeFileSync(file, text);
      renameSync(made, path);
    } catch (error) {
      rmSync(made, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError(error, path, hint);
  }
}

function removeName(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

/** What the file system refused, as an error that names the file that was meant. Other errors come back as they are. */
export function fileError(error: unknown, path: string, hint?: string): unknown {
  if (!(error instanceof Error && "code" in error && typeof error.code === "string")) return error;
  const call = "syscall" in error && typeof error.syscall === "string" ? error.syscall : "open";
  return new KernelError(call, error.code, path, { cause: error, ...(hint === undefined ? {} : { hint }) });
}
