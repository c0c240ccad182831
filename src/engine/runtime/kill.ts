// `kill`: a signal to the first process, or with --all to every process of the container.
import { TsnsError } from "../../base/error.ts";
import { parseSignal } from "../../container/signal.ts";
import { killCgroup, listMembers, signalPid, thawCgroup } from "../../kernel/cgroup/process.ts";
import { sendSignal } from "../../kernel/proc/signal.ts";
import { observeRuntime } from "./observe.ts";
import { ownGroups } from "./own-group.ts";
import type { Runtime } from "./runtime.ts";

const sigkill = 9;

/**
 * `signal`: a name or a number; 0 only asks whether there is somebody to get one (kill(2)). Throws conflict when it does not run; with `all` what is left
 * of one that has stopped gets it.
 */
export async function killRuntime(runtime: Runtime, id: string, signal: string, all: boolean): Promise<void> {
  const number = signal === "0" ? 0 : parseSignal(signal);
  const { record, status, process } = await observeRuntime(runtime, id);
  if (!process && !all)
    throw new TsnsError("conflict", "not-running", `container not running: ${id} is ${status}`, {
      hint: "there is no process that could get a signal",
    });
  const own = all ? ownGroups(runtime, record) : {};
  const members = listMembers(own);
  runtime.debug?.(`signal ${number} to ${members.length > 0 ? members.join(" ") : (process?.pid ?? "nobody")}`);
  if (number === sigkill) killCgroup(own);
  else for (const pid of members) signalPid(pid, number);
  if (process && members.length === 0) sendSignal(process.pid, number);
  // a process that cgroup v1 has frozen gets no signal before it is thawed
  if (number === sigkill && status === "paused") thawCgroup(record.groups);
}
