// `list` and `state`: the containers of one state root as callers see them.
import { isErrno } from "../../base/error.ts";
import { readUserNames } from "../../kernel/proc/passwd.ts";
import type { RuntimeState } from "../../runtime/record.ts";
import { listRuntimes, readRuntime } from "../../store/runtime-record.ts";
import { observeRecord, observeRuntime, renderState } from "./observe.ts";
import type { Runtime } from "./runtime.ts";

/** What the specification asks for, and what others' runtimes tell besides. */
export interface RuntimeView extends RuntimeState {
  /** 0 when it has stopped. */
  readonly pid: number;
  readonly rootfs: string;
  /** RFC 3339. */
  readonly created: string;
  /** Name of who created it, or its number. */
  readonly owner: string;
}

/** Throws not-found. */
export async function viewRuntime(runtime: Runtime, id: string): Promise<RuntimeView> {
  const observed = await observeRuntime(runtime, id);
  return viewOf(renderState(runtime, observed), observed.record, readUserNames());
}

/** One that goes while they are read is left out; one that cannot be read is a warning. */
export async function listRuntimeViews(runtime: Runtime): Promise<readonly RuntimeView[]> {
  const users = readUserNames();
  const views = await Promise.all(
    listRuntimes(runtime.root).map(async (id) => {
      try {
        const record = readRuntime(runtime.root, id);
        if (!record) return [];
        return [viewOf(renderState(runtime, await observeRecord(runtime, record)), record, users)];
      } catch (error) {
        if (isErrno(error, "ENOENT")) return [];
        runtime.warn(error instanceof Error ? error.message : String(error));
        return [];
      }
    }),
  );
  return views.flat();
}

function viewOf(
  state: RuntimeState,
  { rootfs, createdMs, ownerUid }: { readonly rootfs: string; readonly createdMs: number; readonly ownerUid: number },
  users: ReadonlyMap<number, string>,
): RuntimeView {
  const { ociVersion, id, pid = 0, status, bundle, annotations } = state;
  return {
    ...{ ociVersion, id, pid, status, bundle, rootfs },
    created: new Date(createdMs).toISOString(),
    annotations,
    owner: users.get(ownerUid) ?? `${ownerUid}`,
  };
}
