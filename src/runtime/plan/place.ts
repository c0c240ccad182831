// What a plan needs beyond the configuration: where things are on this host. Values only; src/engine/runtime gathers them.

import type { CgroupMounts } from "../../container/sandbox-mount.ts";
import type { SeccompFilter } from "../../container/seccomp/filter.ts";
import type { ProcessSockets } from "./socket.ts";

/** How processes get into the groups of a container. */
export interface GroupEntry {
  /** v1: files that init writes 0 to. */
  readonly joins: readonly string[];
  /** v2: the directory it is cloned into. */
  readonly into?: string;
  /** It is moved there instead: clone3 makes nobody where the limit of processes has been reached, while moving is free (pids.rst). */
  readonly moves?: true;
  /** v2: the device filter. */
  readonly devices?: { readonly directory: string; readonly programHex: string };
}

export interface RuntimePlace {
  readonly id: string;
  /** Absolute. */
  readonly bundle: string;
  /** Absolute, links resolved. */
  readonly rootfs: string;
  /** The runtime's environment, for hooks that have none: KEY=VALUE. */
  readonly env: readonly string[];
  /** Where the gate's socket is made. */
  readonly gate: string;
  readonly groups: GroupEntry;
  /** What a mount of type cgroup shows. */
  readonly cgroupMounts: CgroupMounts;
  readonly sockets: ProcessSockets;
  /** Whoever makes the container has no privileges outside of its user namespace. */
  readonly isUnprivileged?: boolean;
  /** Devices by their path, which in a user namespace nobody could make or bind: the creator makes them. */
  readonly lackingNodes?: readonly string[];
  /** --no-pivot: the root of a host that runs from a ram disk cannot be pivoted away from. */
  readonly noPivot: boolean;
  /** --no-new-keyring */
  readonly keepsKeyring: boolean;
  /** Compiled of `linux.seccomp`. */
  readonly seccomp?: SeccompFilter;
}
