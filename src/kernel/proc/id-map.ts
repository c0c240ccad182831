// Id maps of a user namespace as they read from this process's own one. Without a process in it the native helper enters for a moment.
import { spawnSync } from "node:child_process";
import { KernelError } from "../../base/error.ts";
import { type IdExtent, parseIdMap } from "../../namespace/id-map.ts";
import { parseFailure } from "../netlink/relay.ts";
import { namespaceProgram } from "../sandbox/location.ts";
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
    throw new KernelError("open", "ESRCH", `process ${pid}`);
  }
  const result = spawnSync(namespaceProgram, ["idmap", path], { encoding: "utf8", env: {} });
  if (result.error) throw new KernelError("exec", "code" in result.error ? String(result.error.code) : "EIO", namespaceProgram);
  if (result.status !== 0) throw parseFailure(result.stderr);
  const [uid = "", gid = ""] = result.stdout.split("\n\n");
  return { uid: parseIdMap(uid), gid: parseIdMap(gid) };
}
