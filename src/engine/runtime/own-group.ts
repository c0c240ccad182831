// Which groups are a container's own: the journal of `create` names them. One that others were in already is not killed and not removed.
import { decodeOperations } from "../../kernel/sandbox/encode.ts";
import type { Unit } from "../../kernel/systemd/unit.ts";
import type { RuntimeRecord } from "../../runtime/record.ts";
import { readRuntimeUndo } from "../../store/runtime-record.ts";
import type { Runtime } from "./runtime.ts";

const journal = (runtime: Runtime, id: string) => decodeOperations(readRuntimeUndo(runtime.root, id));

/** Directories, in the order in which they are removed. */
export function journalled(runtime: Runtime, id: string): readonly string[] {
  return journal(runtime, id).flatMap(([name, path]) => (name === "rmdir-tree" && path !== undefined ? [path] : []));
}

/** Units of systemd that they were made for. */
export function journalledUnits(runtime: Runtime, id: string): readonly Unit[] {
  return journal(runtime, id).flatMap(([operation, instance, name]) =>
    operation === "stop-unit" && (instance === "system" || instance === "user") && name !== undefined ? [{ instance, name }] : [],
  );
}

/** By controller (v1), or under "unified" (v2). */
export function ownGroups(runtime: Runtime, { id, groups }: RuntimeRecord): Readonly<Record<string, string>> {
  const own = new Set(journalled(runtime, id));
  return Object.fromEntries(Object.entries(groups).filter(([, directory]) => own.has(directory)));
}
