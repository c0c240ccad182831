// What the runtime keeps of a container between `create` and `delete`: ROOT/ID/record.json, beside a copy of config.json as it was then (later changes
// of the bundle mean nothing; runtime.md, Lifecycle). Values only; src/store/runtime-record.ts reads and writes them. Whether it runs is never
// kept: src/engine/runtime/observe.ts asks the kernel.
import type { RuntimeHooks } from "./config/hook.ts";

export interface RuntimeRecord {
  readonly id: string;
  /** Absolute. */
  readonly bundle: string;
  /** Absolute. */
  readonly rootfs: string;
  /** Unix time, milliseconds. */
  readonly createdMs: number;
  /** Who called `create`: name, or number where it has none. */
  readonly owner: string;
  /** Absent while it is being made. */
  readonly process?: { readonly pid: number; readonly startTime: number };
  /** Its groups: by controller (v1), under "unified" (v2). Those that `create` made are in the journal `undo`. */
  readonly groups: Readonly<Record<string, string>>;
  readonly scope?: RuntimeScope;
  /** It has no pid namespace of its own: when its first process ends others go on. */
  readonly sharesPids?: true;
  readonly annotations: Readonly<Record<string, string>>;
  readonly hooks: RuntimeHooks;
}

/** Of a container whose groups systemd has made. */
export interface RuntimeScope {
  /** The machine's systemd, or the one of the user. */
  readonly instance: "system" | "user";
  /** Of the unit. */
  readonly name: string;
}

/** runtime.md, State. */
export type RuntimeStatus = "creating" | "created" | "running" | "stopped";

/** What `state` prints and hooks get on standard input. */
export interface RuntimeState {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: RuntimeStatus | "paused";
  /** Absent when it has stopped. */
  readonly pid?: number;
  readonly bundle: string;
  readonly annotations: Readonly<Record<string, string>>;
}
