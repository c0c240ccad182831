// Which groups are a container's own: the journal of `create` names them. One that others were in already is not killed and not removed.
import { decodeOperations } from "../../kernel/sandbox/encode.ts";
import type { RuntimeRecord } from "../../runtime/record.ts";
import { readRuntimeUndo } from "../../store/runtime-record.ts";
import type { Runtime } from "./runtime.ts";

/** Directories, in the order in which they are removed. */
export function journalled(runtime: Runtime, id: string): readonly string[] {
  return decodeOperations(readRuntimeUndo(runtime.root, id)).flatMap(([name, path]) =>
    name === "rmdir-tree" && path !== undefined ? [path] : [],
  );
}

/** By controller (v1), or under "unified" (v2). */
export function ownGroups(runtime: Runtime, { id, groups }: RuntimeRecord): Readonly<Record<string, string>> {
  const own = new Set(journalled(runtime, id));
  return Object.fromEntries(Object.entries(groups).filter(([, directory]) => own.has(directory)));
}
