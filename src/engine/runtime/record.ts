// What is written down of a container before anything is made for it.
import { readUserNames } from "../../kernel/proc/passwd.ts";
import { encodeOperations } from "../../kernel/sandbox/encode.ts";
import type { RuntimeConfig } from "../../runtime/config/type.ts";
import type { RuntimeRecord } from "../../runtime/record.ts";
import { encodeView, viewOf } from "../../runtime/view.ts";
import type { RuntimeFiles } from "../../store/runtime-record.ts";
import type { Bundle } from "./bundle.ts";
import type { DesignedGroups } from "./group.ts";
import { stateOf } from "./observe.ts";

const userName = (uid: number): string => readUserNames().get(uid) ?? `${uid}`;

export const recordOf = (id: string, { path, rootfs, config }: Bundle, { directories, scope }: DesignedGroups): RuntimeRecord => ({
  id,
  bundle: path,
  rootfs,
  createdMs: Date.now(),
  owner: userName(process.getuid?.() ?? 0),
  groups: directories,
  ...(scope ? { scope } : {}),
  ...(hasOwnPids(config) ? {} : { sharesPids: true }),
  annotations: config.annotations,
  hooks: config.hooks,
});

/** One that it joins by path has other processes, and another's process 1. */
const hasOwnPids = ({ linux }: RuntimeConfig): boolean => linux.namespaces.some(({ type, path }) => type === "pid" && path === undefined);

export const filesOf = (record: RuntimeRecord, { text, config }: Bundle, { undo }: DesignedGroups): RuntimeFiles => ({
  record,
  configText: text,
  view: encodeView(viewOf(stateOf({ record, status: "stopped" }, text), record), record.groups),
  undo: encodeOperations(undo),
  isElaborate: isElaborate(config),
});

/** Start and delete have more to do than native/oci.c does: hooks around them, or nothing to start. */
const isElaborate = ({ hooks, process }: RuntimeConfig): boolean =>
  hooks.startContainer.length + hooks.poststart.length + hooks.poststop.length > 0 || !process;
