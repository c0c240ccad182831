// How a new process enters a running container: the operation list of `exec`. Pure.
import { joinFiles } from "../cgroup/join.ts";
import { CLONE, type Operation, type OperationList } from "../plan/operation.ts";
import type { OciProcess } from "./oci/type.ts";
import { type Confinement, credentialOperations } from "./sandbox-process.ts";

export interface EntryInput {
  /** Process 1 of the container in the host's pid namespace; 0: of the container whose monitor performs the operations. */
  readonly pid: number;
  /** Its start time in clock ticks (proc_pid_stat(5), field 22): another process that has its number by now is not entered. */
  readonly startTime: number;
  readonly userNamespace: boolean;
  readonly timeNamespace: boolean;
  readonly stdin: boolean;
  /** Standard output and error go to /dev/null. */
  readonly discardOutput: boolean;
  readonly cgroupDirectories: Readonly<Record<string, string>>;
  readonly confinement: Confinement;
}

const cgroupNamespaceDescriptor = "110";

/**
 * With nsdelegate a process moves between cgroups only below the root of its cgroup namespace (cgroups(7)): the container's is
 * entered after the clone into its cgroup.
 */
function unifiedOperations(directory: string, pid: number): Operation[] {
  return [
    pid === 0 ? ["open-ns", cgroupNamespaceDescriptor, "cgroup"] : ["open", cgroupNamespaceDescriptor, `/proc/${pid}/ns/cgroup`],
    ["cgroup-fd", directory],
  ];
}

/** Joins the container's cgroups and namespaces, then becomes the command with the credentials of `process`. */
export function planEntry(process: OciProcess, input: EntryInput): OperationList {
  const { unified, ...legacy } = input.cgroupDirectories;
  const kinds = [
    ...(input.userNamespace ? ["user"] : []),
    "pid",
    "mnt",
    "net",
    "ipc",
    "uts",
    ...(input.timeNamespace ? ["time"] : []),
    ...(unified ? [] : ["cgroup"]),
  ];
  return {
    monitor: [
      ["stdio", process.terminal ? "pty" : input.discardOutput ? "null" : "pipe"],
      ["stdin", input.stdin ? (process.terminal ? "open" : "once") : "none"],
      ...joinFiles(legacy).map((file): Operation => ["cgroup-join", file]),
      ...(unified ? unifiedOperations(unified, input.pid) : []),
      // of the monitor, whose children have it: inside a user namespace the files of /proc are the host's root's
      ...(process.oomScoreAdj === undefined ? [] : [["oom-score-adj", `${process.oomScoreAdj}`] satisfies Operation]),
      input.pid === 0 ? ["setns-init", ...kinds] : ["setns-pid", `${input.pid}`, `${input.startTime}`, ...kinds],
      ["clone", "0"],
    ],
    init: [
      ...(process.terminal ? [["pty", "0", "0"] satisfies Operation] : []),
      ["keyring", ""],
      ["barrier"],
      ...(unified ? [["setns", cgroupNamespaceDescriptor, `${CLONE.NEWCGROUP}`] satisfies Operation] : []),
      ...credentialOperations(process, { init: false, makeDirectory: false, confinement: input.confinement }),
    ],
  };
}
