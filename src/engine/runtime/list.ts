// `list` and `state`: the containers of one state root as callers see them.
import { isErrno } from "../../base/error.ts";
import { type RuntimeView, viewOf } from "../../runtime/view.ts";
import { listRuntimes, readRuntime } from "../../store/runtime-record.ts";
import { observeRecord, observeRuntime, renderState } from "./observe.ts";
import type { Runtime } from "./runtime.ts";

/** Throws not-found. */
export async function viewRuntime(runtime: Runtime, id: string): Promise<RuntimeView> {
  const observed = await observeRuntime(runtime, id);
  return viewOf(renderState(runtime, observed), observed.record);
}

/** One that goes while they are read is left out; one that cannot be read is a warning. */
export async function listRuntimeViews(runtime: Runtime): Promise<readonly RuntimeView[]> {
  const views = await Promise.all(
    listRuntimes(runtime.root).map(async (id) => {
      try {
        const record = readRuntime(runtime.root, id);
        if (!record) return [];
        return [viewOf(renderState(runtime, await observeRecord(runtime, record)), record)];
      } catch (error) {
        if (isErrno(error, "ENOENT")) return [];
        runtime.warn(error instanceof Error ? error.message : String(error));
        return [];
      }
    }),
  );
  return views.flat();
}
