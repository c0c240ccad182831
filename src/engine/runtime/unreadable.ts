// Containers whose record says nothing: gone, or not what tsns writes. What is left to know of one is in its journal and in the file of its process.
import { TsnsError } from "../../base/error.ts";
import { thawIfThere } from "../../kernel/cgroup/process.ts";
import { isRunning } from "../../kernel/proc/identity.ts";
import { sendSignal } from "../../kernel/proc/signal.ts";
import { readRuntime, readRuntimeProcess } from "../../store/runtime-record.ts";
import { dropForeignWords } from "../../store/unreadable-runtime.ts";
import { awaitEnd } from "./ended.ts";
import { journalled } from "./own-group.ts";
import type { Runtime } from "./runtime.ts";

const sigkill = 9;
/** Of `readRuntime`: the record is none, or no file. */
const codes: readonly string[] = ["bad-record", "kernel-eisdir", "kernel-eloop"];

/** For whoever holds it: there is a directory. Throws KernelError for one that might be read another time. */
export function isUnreadable({ root }: Runtime, id: string): boolean {
  try {
    return readRuntime(root, id) === undefined;
  } catch (error) {
    if (error instanceof TsnsError && codes.includes(error.code)) return true;
    throw error;
  }
}

/** Ends its first process. Throws unavailable when that does not end. */
export function endUnreadable(runtime: Runtime, id: string): void {
  dropForeignWords(runtime.root, id);
  const process = readRuntimeProcess(runtime.root, id);
  if (process && isRunning(process)) sendSignal(process.pid, sigkill);
  // Which version they are of nobody says; the one has no such file in the other.
  for (const path of journalled(runtime, id)) for (const version of ["unified", "freezer"]) thawIfThere({ [version]: path });
  if (process) awaitEnd(id, process);
}
