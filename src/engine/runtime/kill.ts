// `kill`: a signal to the first process, or to every process of the container: with --all, and SIGKILL where there is no pid namespace whose process 1
// would take them along.
import { TsnsError } from "../../base/error.ts";
import { parseSignal } from "../../container/signal.ts";
import { killCgroup, listMembers, signalPid, thawCgroup } from "../../kernel/cgroup/process.ts";
import { sendSignal } from "../../kernel/proc/signal.ts";
import { observeRuntime } from "./observe.ts";
import { ownGroups } from "./own-group.ts";
import type { Runtime } from "./runtime.ts";

const sigkill = 9;

/**
 * `signal`: a name or a number; 0 only asks whether there is somebody to get one (kill(2)). Throws conflict when there is nobody to get it;
 * with `all` that is no error, and what is left of one that has stopped gets it.
 */
export async function killRuntime(runtime: Runtime, id: string, signal: string, all: boolean): Promise<void> {
  const number = signal === "0" ? 0 : parseSignal(signal);
  const { record, status, process } = await observeRuntime(runtime, id);
  const own = all || (number === sigkill && record.sharesPids) ? ownGroups(runtime, record) : {};
  const members = listMembers(own);
  if (!process && !all && members.length === 0)
    throw new TsnsError("conflict", "not-running", `container not running: ${id} is ${status}`, {
      hint: "there is no process that could get a signal",
    });
  runtime.debug?.(`signal ${number} to ${members.length > 0 ? members.join(" ") : (process?.pid ?? "nobody")}`);
  if (number === sigkill) killCgroup(own);
  else for (const pid of members) signalPid(pid, number);
  if (process && !members.includes(process.pid)) sendSignal(process.pid, number);
  // a process that cgroup v1 has frozen gets no signal before it is thawed
  if (number === sigkill && status === "paused") thawCgroup(record.groups);
}
