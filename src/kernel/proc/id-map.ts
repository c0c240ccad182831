// Id maps of a user namespace as they read from this process's own one. Without a process in it the native helper enters for a moment.
import { KernelError } from "../../base/error.ts";
import { type IdExtent, parseIdMap } from "../../namespace/id-map.ts";
import { runNamespaceProgram } from "../sandbox/namespace-program.ts";
import { readProcessFile } from "./stat.ts";

export interface IdMaps {
  readonly uid: readonly IdExtent[];
  readonly gid: readonly IdExtent[];
}

/** Throws KernelError when the namespace cannot be entered, or not-found when the process is gone. */
export function readIdMaps(path: string, pid?: number): IdMaps {
  if (pid !== undefined) {
    const [uid, gid] = [readProcessFile(pid, "uid_map"), readProcessFile(pid, "gid_map")];
    if (uid !== undefined && gid !== undefined) return { uid: parseIdMap(uid), gid: parseIdMap(gid) };
    throw new KernelError("open", "ESRCH", `process ${pid}`, { hint: "tsns ns ls lists pids that are there" });
  }
  const [uid = "", gid = ""] = runNamespaceProgram(["idmap", path]).toString("utf8").split("\n\n");
  return { uid: parseIdMap(uid), gid: parseIdMap(gid) };
}
