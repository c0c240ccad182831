// config.json of an OCI bundle as it counts here: runtime-spec 1.2, config.md and config-linux.md. Values only; parse.ts makes them of what was
// read and judges them. A property that is absent and has a default has it here; what the specification leaves to the kernel stays absent.
import type { SeccompProfile } from "../../container/seccomp/profile.ts";
import type { RuntimeDevice } from "./device.ts";
import type { RuntimeHooks } from "./hook.ts";
import type { RuntimeMount } from "./mount.ts";
import type { RuntimeResources } from "./resource.ts";

/** The version of the specification that is kept. */
export const specVersion = "1.2.0";

export interface RuntimeConfig {
  readonly ociVersion: string;
  /** Absent: `create` prepares everything, `start` refuses (config.md, Process). */
  readonly process?: RuntimeProcess;
  /** `path` as it is written: relative to the bundle or absolute. */
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly hostname?: string;
  readonly domainname?: string;
  readonly mounts: readonly RuntimeMount[];
  readonly hooks: RuntimeHooks;
  readonly annotations: Readonly<Record<string, string>>;
  readonly linux: RuntimeLinux;
}

export interface RuntimeUser {
  readonly uid: number;
  readonly gid: number;
  /** Absent: 0022. */
  readonly umask?: number;
  readonly additionalGids: readonly number[];
}

/** Names as CAP_NAME. */
export interface RuntimeCapabilities {
  readonly bounding: readonly string[];
  readonly effective: readonly string[];
  readonly permitted: readonly string[];
  readonly inheritable: readonly string[];
  readonly ambient: readonly string[];
}

/** A limit of setrlimit(2), up to 2^64 - 1, which is none. */
export interface RuntimeRlimit {
  /** RLIMIT_NOFILE */
  readonly type: string;
  readonly soft: bigint;
  readonly hard: bigint;
}

/** sched_setattr(2). */
export interface RuntimeScheduler {
  readonly policy: "SCHED_OTHER" | "SCHED_FIFO" | "SCHED_RR" | "SCHED_BATCH" | "SCHED_ISO" | "SCHED_IDLE" | "SCHED_DEADLINE";
  readonly nice: number;
  readonly priority: number;
  readonly flags: readonly string[];
  /** Nanoseconds. */
  readonly runtime: bigint;
  readonly deadline: bigint;
  readonly period: bigint;
}

export interface RuntimeProcess {
  readonly terminal: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user: RuntimeUser;
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  /** Absent: none. */
  readonly capabilities?: RuntimeCapabilities;
  readonly noNewPrivileges: boolean;
  readonly oomScoreAdj?: number;
  readonly rlimits: readonly RuntimeRlimit[];
  readonly scheduler?: RuntimeScheduler;
  readonly ioPriority?: { readonly class: "IOPRIO_CLASS_RT" | "IOPRIO_CLASS_BE" | "IOPRIO_CLASS_IDLE"; readonly priority: number };
  readonly apparmorProfile?: string;
  readonly selinuxLabel?: string;
  /** Lists of processors ("0-3,7") for an exec: before its cgroup is entered, and after. */
  readonly execCpuAffinity?: { readonly initial?: string; readonly final?: string };
}

export type RuntimeNamespaceType = "pid" | "network" | "mount" | "ipc" | "uts" | "user" | "cgroup" | "time";

/** `path` absent: a new one. A kind that is not listed is the runtime's own. */
export interface RuntimeNamespace {
  readonly type: RuntimeNamespaceType;
  readonly path?: string;
}

export interface RuntimeIdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

export interface RuntimeTimeOffset {
  readonly secs: number;
  readonly nanosecs: number;
}

export interface RuntimeSeccomp {
  readonly profile: SeccompProfile;
  /** A Unix socket that gets the descriptor of the filter (SCMP_ACT_NOTIFY), and what is told with it. */
  readonly listenerPath?: string;
  readonly listenerMetadata: string;
}

export interface RuntimeLinux {
  readonly namespaces: readonly RuntimeNamespace[];
  readonly uidMappings: readonly RuntimeIdMapping[];
  readonly gidMappings: readonly RuntimeIdMapping[];
  readonly timeOffsets: Readonly<Partial<Record<"monotonic" | "boottime", RuntimeTimeOffset>>>;
  readonly devices: readonly RuntimeDevice[];
  /** Absent: the runtime chooses. With --systemd-cgroup `slice:prefix:name`. */
  readonly cgroupsPath?: string;
  readonly resources: RuntimeResources;
  readonly rootfsPropagation: "shared" | "slave" | "private" | "unbindable";
  /** Absent: none. */
  readonly seccomp?: RuntimeSeccomp;
  readonly sysctl: Readonly<Record<string, string>>;
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
  readonly mountLabel?: string;
  /** personality(2); absent: the runtime's own. */
  readonly personality?: { readonly domain: "LINUX" | "LINUX32"; readonly flags: readonly string[] };
}
