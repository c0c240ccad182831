// The part of the OCI runtime specification 1.2 (config.md, config-linux.md) that tsns compiles to and from.

export interface OciMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
  /** Of a bind: what lies there below the source, wherever its links lead. Not in the runtime-spec. */
  readonly subpath?: string;
}

export interface OciNamespace {
  readonly type: "mount" | "pid" | "network" | "ipc" | "uts" | "user" | "cgroup" | "time";
  /** Absent: a new one. */
  readonly path?: string;
}

export interface OciIdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

export interface OciDevice {
  readonly path: string;
  readonly type: "c" | "b" | "p";
  readonly major: number;
  readonly minor: number;
  /** Permission bits, decimal as in the specification. */
  readonly fileMode: number;
  /** Owner; absent is root. */
  readonly uid?: number;
  readonly gid?: number;
}

/** A limit of setrlimit(2); the specification writes no limit as 2^64 - 1, which no number here holds: -1. */
export interface OciRlimit {
  /** RLIMIT_NOFILE */
  readonly type: string;
  readonly soft: number;
  readonly hard: number;
}

/** How far a clock of a time namespace is ahead. */
export interface OciTimeOffset {
  readonly secs: number;
  readonly nanosecs: number;
}

export interface OciProcess {
  readonly terminal: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  /** `username` is tsns's own use of the field: `name|uid[:group|gid]`, resolved inside the root. */
  readonly user: { readonly username: string; readonly additionalGroups: readonly string[] };
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities: {
    readonly bounding: readonly string[];
    readonly effective: readonly string[];
    readonly permitted: readonly string[];
    readonly inheritable: readonly string[];
    readonly ambient: readonly string[];
  };
  readonly noNewPrivileges: boolean;
  readonly oomScoreAdj?: number;
  readonly rlimits?: readonly OciRlimit[];
}

export interface OciConfig {
  readonly ociVersion: string;
  readonly process: OciProcess;
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly hostname?: string;
  readonly domainname?: string;
  readonly mounts: readonly OciMount[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly linux: {
    readonly namespaces: readonly OciNamespace[];
    readonly uidMappings: readonly OciIdMapping[];
    readonly gidMappings: readonly OciIdMapping[];
    readonly devices: readonly OciDevice[];
    readonly cgroupsPath: string;
    readonly maskedPaths: readonly string[];
    readonly readonlyPaths: readonly string[];
    readonly sysctl: Readonly<Record<string, string>>;
    readonly timeOffsets?: { readonly monotonic: OciTimeOffset; readonly boottime: OciTimeOffset };
    readonly rootfsPropagation: "private" | "slave" | "shared";
  };
}
