// What a container sees of the cgroups: a mount of type cgroup, by the version of the host and by whether there is a namespace. Pure.
import { type CgroupMounts, cgroupOperations } from "../../container/sandbox-mount.ts";
import { MS, type Operation } from "../../plan/operation.ts";
import type { RuntimeMount } from "../config/mount.ts";
import { changes, none } from "./mount-change.ts";
import type { RuntimeMountOptions } from "./mount-option.ts";

/** What is to be seen of cgroups without a namespace of its own: the container's groups alone. */
export interface CgroupSight {
  readonly mounts: CgroupMounts;
  readonly hasNamespace: boolean;
  /** v2: its directory. */
  readonly directory?: string;
}

const hostCgroups = "/sys/fs/cgroup";

export function cgroupMount(
  mount: RuntimeMount,
  options: RuntimeMountOptions,
  { mounts, hasNamespace, directory }: CgroupSight,
  isUnprivileged: boolean,
): Operation[] {
  const { destination } = mount;
  // The kernel lets nobody else mount one: the host's, of which nothing may be changed.
  if (isUnprivileged && !hasNamespace)
    return [["bind-at", hostCgroups, destination, "0", "1", `${MS.PRIVATE}`], ...changes(destination, [options.attributes, none])];
  if (mounts.version === 1) {
    const words = mount.options.filter((option) => option !== "bind" && option !== "rbind");
    return [["mkdir-at", destination, "755"], ...cgroupOperations({ ...mount, options: words }, mounts)];
  }
  if (hasNamespace || directory === undefined) {
    return [
      ["mkdir-at", destination, "755"],
      ["mount-at", "cgroup", destination, "cgroup2", `${options.flags}`, options.data],
    ];
  }
  return [["bind-at", directory, destination, "0", "0", `${MS.PRIVATE}`], ...changes(destination, [options.attributes, none])];
}
