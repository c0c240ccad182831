// Steps that start processes or signal them. Values only.

/** Sends a signal to one process, which is still the one that began at `startTime` (field 22 of proc_pid_stat(5)). */
export interface ProcessSignal {
  readonly kind: "process.signal";
  readonly pid: number;
  readonly startTime: number;
  readonly signal: number;
}

/** Waits until a process has ended, at most `limitMs`. */
export interface ProcessWait {
  readonly kind: "process.wait";
  readonly pid: number;
  readonly startTime: number;
  readonly limitMs: number;
}

/** Runs a program of the host to its end; done by its use case. */
export interface ProcessRun {
  readonly kind: "process.run";
  readonly command: readonly string[];
}

/** Starts the native helper with a list of operations (src/kernel/sandbox/operation.ts). */
export interface SandboxStart {
  readonly kind: "sandbox.start";
  /** The operations in order: name, then arguments. */
  readonly operations: readonly (readonly string[])[];
  /** Where the operation list is handed over: a file below the container's state directory, removed by the helper when read. */
  readonly planPath: string;
  /** Names of links outside that the operations refer to by index: for those who read the plan. */
  readonly linkNames?: Readonly<Record<string, string>>;
}

/** Has the monitor of a running container pass queries for names on; once is enough (native/README.md, frame 5). */
export interface NamesEnable {
  readonly kind: "names.enable";
  /** State directory of the monitor. */
  readonly directory: string;
  /** `name-relay` and its arguments. */
  readonly operation: readonly string[];
}

/** Replaces what the monitor of a running container relays of published ports (native/README.md, frame 6). */
export interface PortsRelay {
  readonly kind: "ports.relay";
  /** State directory of the monitor. */
  readonly directory: string;
  /** `port-relay` and its arguments. */
  readonly operation: readonly string[];
}

/** Has an OCI runtime end its one container and forget it, with all it has made for it; its own files go. No such directory is no error. */
export interface RuntimeDelete {
  readonly kind: "runtime.delete";
  /** Path of the runtime. */
  readonly program: string;
  /** Its `--root`, which nobody else has. */
  readonly state: string;
  readonly container: string;
}

export type ProcessStep = ProcessSignal | ProcessWait | ProcessRun | SandboxStart | NamesEnable | PortsRelay | RuntimeDelete;
