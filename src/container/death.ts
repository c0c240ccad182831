// What is kept of one end of a container: how it ended and what the kernel and tsns knew of it then. Values only; what follows from them is
// judged in why/death.ts.
import type { ExitRecord } from "./record.ts";

/** A signal that tsns sent to process 1. */
export interface SenderRecord {
  readonly signal: number;
  readonly pid: number;
  readonly uid: number;
  /** The command: stop, kill, rm, restart ... */
  readonly word: string;
  readonly atMs: number;
}

/** Files of the container's cgroup under neutral names (src/kernel/cgroup/evidence.ts); one that is not there is left out. */
export interface GroupEvidence {
  readonly version: "v1" | "v2";
  readonly texts: Readonly<Record<string, string>>;
  /** Groups above with a memory limit of their own, innermost first. */
  readonly parents: readonly ParentLimit[];
}

export interface ParentLimit {
  readonly path: string;
  readonly limitBytes: number;
  /** How often it was reached. */
  readonly failures: number;
}

export interface DeathRecord {
  readonly startedMs: number;
  readonly exit: ExitRecord;
  readonly senders: readonly SenderRecord[];
  /** Absent when the groups were gone before anybody looked. */
  readonly group?: GroupEvidence;
  /** Lines of the kernel's log that name this container. */
  readonly kernelLines: readonly string[];
  /** Whether that log could be read, where it was asked. */
  readonly kernelLog: "read" | "denied" | "not asked";
}
