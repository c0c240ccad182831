// The end of a `create` whose native part could not make the container. This process is the one that began it, and so still holds it.
import { isRunning } from "../../kernel/proc/identity.ts";
import { readRuntimeHolder } from "../../store/runtime-lock.ts";
import { readRuntime, runtimeDirectory } from "../../store/runtime-record.ts";
import { undoing } from "./create.ts";
import { errorOfReport } from "./failure.ts";
import type { Runtime } from "./runtime.ts";

/** Takes back what was made of it and throws what `report`, the creator's, says. A container that this process does not hold is left alone. */
export async function failedCreation(runtime: Runtime, id: string, report: string): Promise<never> {
  const error = errorOfReport(report);
  const holder = readRuntimeHolder(runtimeDirectory(runtime.root, id), isRunning);
  const record = readRuntime(runtime.root, id);
  if (!record || holder?.pid !== process.pid) throw error;
  return await undoing(runtime, record, async () => {
    throw error;
  });
}
