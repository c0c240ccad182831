// Steps on cgroup directories and their files. Values only.

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

export type CgroupStep = CgroupCreate | CgroupWrite | CgroupRemove;
