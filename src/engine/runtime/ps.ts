// `ps`: the processes of a container, by their numbers or as the host's ps(1) shows them.

import { TsnsError } from "../../base/error.ts";
import { listMembers } from "../../kernel/cgroup/process.ts";
import { runPs } from "../../kernel/proc/ps.ts";
import { observeRuntime } from "./observe.ts";
import type { Runtime } from "./runtime.ts";

/** Process ids on the host, ascending. Without groups of its own only the first process is known. */
export async function listRuntimeProcesses(runtime: Runtime, id: string): Promise<readonly number[]> {
  const { record, process } = await observeRuntime(runtime, id);
  const members = listMembers(record.groups);
  return members.length > 0 || !process ? members : [process.pid];
}

/** Lines of ps with its own columns, the title first. Throws what ps says of its options; invalid for a table without PID. */
export async function renderRuntimeProcesses(runtime: Runtime, id: string, options: readonly string[]): Promise<string> {
  const pids = new Set(await listRuntimeProcesses(runtime, id));
  const [title = "", ...lines] = runPs(options.length > 0 ? options : ["-ef"]).split("\n");
  const column = title
    .split(/\s+/)
    .filter((word) => word !== "")
    .indexOf("PID");
  if (column < 0)
    throw new TsnsError("invalid", "no-pid-column", "couldn't find PID field in ps output", { hint: "let ps show it: -o pid,..." });
  const own = lines.filter((line) => pids.has(Number(line.trim().split(/\s+/)[column])));
  return [title, ...own].map((line) => `${line}\n`).join("");
}
