// Steps on cgroup directories, their files and their processes. Values only.

/** Creates a cgroup directory in one hierarchy (absolute path below /sys/fs/cgroup). */
export interface CgroupCreate {
  readonly kind: "cgroup.create";
  readonly path: string;
}

/** Writes one cgroup file. */
export interface CgroupWrite {
  readonly kind: "cgroup.write";
  readonly path: string;
  readonly value: string;
}

/** Kills what is left in a cgroup and removes it and its children; a missing one is no error. */
export interface CgroupRemove {
  readonly kind: "cgroup.remove";
  readonly path: string;
}

/** Makes a cgroup directory that must not exist yet. */
export interface CgroupMake {
  readonly kind: "cgroup.make";
  readonly path: string;
}

/** Makes a cgroup directory unless it is there. */
export interface CgroupEnsure {
  readonly kind: "cgroup.ensure";
  readonly path: string;
}

/** Removes one empty cgroup directory and nothing else; a missing one is no error. */
export interface CgroupDelete {
  readonly kind: "cgroup.delete";
  readonly path: string;
}

/** Moves one process, all its threads, by writing its pid to a cgroup.procs file. */
export interface CgroupJoin {
  readonly kind: "cgroup.join";
  readonly path: string;
  readonly pid: number;
}

/** Stops or lets go on all processes of a group and those below, and waits until they do. `version`: v1's freezer.state, v2's cgroup.freeze. */
export interface CgroupFreeze {
  readonly kind: "cgroup.freeze";
  readonly directory: string;
  readonly version: "v1" | "v2";
  readonly frozen: boolean;
}

/** Ends all processes of a group and those below, and waits until they are gone. */
export interface CgroupKill {
  readonly kind: "cgroup.kill";
  /** Of the same group in every hierarchy that has it. */
  readonly directories: readonly string[];
  /** v2: the directory whose cgroup.kill is written. */
  readonly unified?: string;
  /** v1: the directory that holds them still meanwhile, so that no fork escapes. */
  readonly freezer?: string;
}

/** Sends a signal to the processes that are in a group and those below now. */
export interface CgroupSignal {
  readonly kind: "cgroup.signal";
  readonly directories: readonly string[];
  readonly signal: number;
}

/** v2: attaches a device program to a group in place of those it has; an empty one only takes them off. */
export interface CgroupDeviceFilter {
  readonly kind: "cgroup.device-filter";
  readonly path: string;
  /** Instructions of bpf(2). */
  readonly programHex: string;
}

export type CgroupStep =
  | CgroupCreate
  | CgroupWrite
  | CgroupRemove
  | CgroupMake
  | CgroupEnsure
  | CgroupDelete
  | CgroupJoin
  | CgroupFreeze
  | CgroupKill
  | CgroupSignal
  | CgroupDeviceFilter;
