// What a container's Spec says of its namespaces and of what the kernel lets it do, limits of groups aside. What is absent is docker's default.
import type { DeviceAccess } from "../../cgroup/device.ts";

/** Which namespace a container gets: its own, the host's, or another container's. */
export type NamespaceMode =
  | { readonly mode: "private" }
  | { readonly mode: "host" }
  | { readonly mode: "container"; readonly container: string };

/** One of its own that others may join, and one without shared memory as well. */
export type IpcMode = NamespaceMode | { readonly mode: "shareable" } | { readonly mode: "none" };

/** A device node of the host, or a directory with some. */
export interface DeviceSpec {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly access: DeviceAccess;
}

/** A limit of setrlimit(2); -1 is none. */
export interface RlimitSpec {
  /** docker's word: nofile. */
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

export interface IsolationSettings {
  /** Name or path, as it was given, of the OCI runtime that makes the container; absent: tsns itself. */
  readonly runtime?: string;
  readonly pid: NamespaceMode;
  readonly ipc: IpcMode;
  readonly uts: NamespaceMode;
  /** User namespace: undefined is the host's. Ids are host ids of container id 0. */
  readonly userNamespace?: { readonly uid: number; readonly gid: number; readonly size: number };
  /** --userns remap: whose subordinate ids `userNamespace` has been made of. */
  readonly remapUser?: string;
  /** Absent: a namespace of its own. */
  readonly cgroupNamespace?: "host";
  /** A time namespace of its own, whose clocks since boot are ahead by so much; absent: the host's. */
  readonly timeNamespace?: { readonly offsetSeconds: number };
  /** Path of a group without slashes at its ends. */
  readonly cgroupParent?: string;
  readonly devices?: readonly DeviceSpec[];
  readonly rlimits?: readonly RlimitSpec[];
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly shmSizeBytes?: number;
  /** Groups besides those of the user, by number or by name in the image's /etc/group. */
  readonly groupAdd?: readonly string[];
  readonly domainname?: string;
  /** -1000 to 1000. */
  readonly oomScoreAdj?: number;
}
