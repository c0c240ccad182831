// How another process enters a container: the operation list of `exec`. Pure.
import { CLONE, type Operation, type OperationList } from "../../plan/operation.ts";
import type { RuntimeProcess } from "../config/type.ts";
import type { GroupEntry } from "./place.ts";
import { groupOperations } from "./plan.ts";
import { allProcessors, oomOperations, runtimeProcessOperations } from "./process.ts";
import { type ProcessSockets, socketOperations } from "./socket.ts";

export interface RuntimeEntry {
  /** The container's process in this pid namespace, and its start time in clock ticks (proc_pid_stat(5), field 22). */
  readonly pid: number;
  readonly startTime: number;
  /** Those of its namespaces that are others than this process's: user pid mnt net ipc uts cgroup time. */
  readonly kinds: readonly string[];
  readonly groups: GroupEntry;
  readonly sockets: ProcessSockets;
  readonly keepsKeyring: boolean;
  /** Of `personalityOperations`. */
  readonly personality: readonly Operation[];
  /** Of `listenerOperations` and `seccompOperations`. */
  readonly listener: readonly Operation[];
  readonly seccomp: readonly Operation[];
}

const cgroupNamespace = "100";

/** v2 has no other file to join by than this one. */
const joinsUnified = ({ into, joins }: GroupEntry): boolean => into !== undefined || joins.some((file) => file.endsWith("/cgroup.procs"));

/** With nsdelegate a process moves between groups only below the root of its cgroup namespace (cgroups(7)): v2's is entered after them. */
export function planRuntimeEntry(process: RuntimeProcess, entry: RuntimeEntry): OperationList {
  const { pid, groups, kinds } = entry;
  const entersLate = joinsUnified(groups) && kinds.includes("cgroup");
  const { initial, final } = process.execCpuAffinity ?? {};
  return {
    monitor: [
      ["stdio", process.terminal ? "pty" : "inherit"],
      ...socketOperations(entry.sockets, "setns"),
      ...(entersLate ? [["open", cgroupNamespace, `/proc/${pid}/ns/cgroup`] satisfies Operation] : []),
      ...(initial === undefined ? [] : [["cpu-affinity", affinityMask(initial)] satisfies Operation]),
      ...entry.listener,
      ...groupOperations(groups),
      ...oomOperations(process),
      ["setns-pid", `${pid}`, `${entry.startTime}`, ...kinds.filter((kind) => !(kind === "cgroup" && entersLate))],
      ["clone", "0"],
    ],
    init: [
      ["barrier"],
      ...(entersLate ? [["setns", cgroupNamespace, `${CLONE.NEWCGROUP}`] satisfies Operation] : []),
      ...(initial === undefined && final === undefined ? [allProcessors] : []),
      ...(final === undefined ? [] : [["cpu-affinity", affinityMask(final)] satisfies Operation]),
      ...entry.personality,
      ...runtimeProcessOperations(process, {
        before: [],
        hooks: [],
        keepsKeyring: entry.keepsKeyring,
        makesDirectory: false,
        seccomp: entry.seccomp,
      }),
    ],
  };
}

/** "0-3,7" as a hexadecimal mask, bit 0 for processor 0. */
export function affinityMask(list: string): string {
  let mask = 0n;
  for (const part of list.split(",")) {
    const [first = "", last = first] = part.trim().split("-");
    for (let at = Number(first); at <= Number(last); at++) mask |= 1n << BigInt(at);
  }
  return mask.toString(16);
}
