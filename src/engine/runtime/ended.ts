// Waiting for the end of a process that has got SIGKILL and is not frozen.
import { TsnsError } from "../../base/error.ts";
import { waitUntil } from "../../kernel/cgroup/wait.ts";
import { isRunning, type ProcessIdentity } from "../../kernel/proc/identity.ts";

const endLimitMs = 10_000;

/** Throws unavailable when it does not end within 10 seconds. `id`: of its container. */
export function awaitEnd(id: string, process: ProcessIdentity): void {
  if (waitUntil(() => !isRunning(process), endLimitMs)) return;
  throw new TsnsError("unavailable", "not-ended", `container ${id}: process ${process.pid} does not end`, {
    hint: "it is in an uninterruptible wait; delete it again when that is over",
  });
}
