// Whether this process may do on the host what root may.
import { readTextIfThere } from "../text-file.ts";

/** Root of a user namespace that leads to a user's own ids may no more than that user. */
export function isHostRoot(): boolean {
  return process.geteuid?.() === 0 && /^\s*0\s+0\s+4294967295\s*$/.test(readTextIfThere("/proc/self/uid_map", "ENOENT") ?? "");
}
