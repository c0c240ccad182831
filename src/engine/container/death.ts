// Gathers what is known of a container's end before its groups and files go. Judges nothing: src/container/why/.
import { KernelError } from "../../base/error.ts";
import type { DeathRecord, GroupEvidence } from "../../container/death.ts";
import type { ContainerRecord, ExitRecord } from "../../container/record.ts";
import { readGroupEvidence } from "../../kernel/cgroup/evidence.ts";
import { readKernelLog } from "../../kernel/proc/kmsg.ts";
import { readSenders } from "../../kernel/sandbox/state.ts";
import type { Observation } from "./observe.ts";

/** Signals that the kernel sends and writes a line about: of a bad instruction, memory, system call; of the OOM killer. */
const kernelSignals: readonly number[] = [4, 7, 8, 9, 11, 31];

/** `directory`: the state directory, with the monitor's files still in it. Undefined for one that was never started. */
export function gatherDeath(record: ContainerRecord, exit: ExitRecord, observed: Observation, directory: string): DeathRecord | undefined {
  const { run } = record;
  if (!run) return undefined;
  const senders = readSenders(directory);
  const group = tryReadGroups(run.cgroups);
  const isKernels = exit.oomKilled || (kernelSignals.includes(exit.signal) && !senders.some(({ signal }) => signal === exit.signal));
  const lines = isKernels ? readKernelLog(about(record, observed.monitor?.initPid ?? 0)) : [];
  return {
    startedMs: run.startedMs,
    exit,
    senders,
    ...(group ? { group } : {}),
    kernelLines: lines ?? [],
    kernelLog: !isKernels ? "not asked" : lines ? "read" : "denied",
  };
}

/** What cannot be read is missing from the record, and keeps no clean-up from being done. */
function tryReadGroups(cgroups: Readonly<Record<string, string>>): GroupEvidence | undefined {
  try {
    return readGroupEvidence(cgroups);
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}

/** Its groups have its id in their names; a crash is told with the pid alone, a number that comes again. */
function about({ id }: ContainerRecord, initPid: number): (text: string) => boolean {
  const group = `tsns-${id}`;
  const crash = new RegExp(`\\[${initPid}\\](: (segfault|bad frame)|.* (trap|general protection))`);
  return (text) => (text.includes(group) && text.includes("oom-kill:")) || (initPid > 0 && crash.test(text));
}
