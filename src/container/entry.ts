// How a new process enters a running container: the operation list of `exec`. Pure.
import type { Operation, OperationList } from "../plan/operation.ts";
import type { OciProcess } from "./oci/type.ts";
import { credentialOperations } from "./sandbox.ts";

export interface EntryInput {
  /** Process 1 of the container in the host's pid namespace. */
  readonly pid: number;
  /** Its start time in clock ticks (proc_pid_stat(5), field 22): another process that has its number by now is not entered. */
  readonly startTime: number;
  readonly userNamespace: boolean;
  readonly stdin: boolean;
  /** Standard output and error go to /dev/null. */
  readonly discardOutput: boolean;
  readonly cgroupDirectories: Readonly<Record<string, string>>;
}

/** Joins the container's cgroups and namespaces, then becomes the command with the credentials of `process`. */
export function planEntry(process: OciProcess, input: EntryInput): OperationList {
  const { unified, ...legacy } = input.cgroupDirectories;
  const joins = [...new Set(Object.values(legacy))];
  const kinds = [...(input.userNamespace ? ["user"] : []), "pid", "mnt", "net", "ipc", "uts", "cgroup"];
  return {
    monitor: [
      ["stdio", process.terminal ? "pty" : input.discardOutput ? "null" : "pipe"],
      ["stdin", input.stdin ? (process.terminal ? "open" : "once") : "none"],
      ...joins.map((directory): Operation => ["cgroup-join", `${directory}/cgroup.procs`]),
      ...(unified ? [["cgroup-fd", unified] satisfies Operation] : []),
      ["setns-pid", `${input.pid}`, `${input.startTime}`, ...kinds],
      ["clone", "0"],
    ],
    init: [
      ...(process.terminal ? [["pty", "0", "0"] satisfies Operation] : []),
      ["keyring", ""],
      ["barrier"],
      ...credentialOperations(process, false),
    ],
  };
}
