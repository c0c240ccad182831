// Groups in the hierarchies that no limit needs, for a container that could mount them: what its cgroup namespace begins at is all it can
// then see and change, and where it has no group of its own that is the host's root (cgroup_namespaces(7)). Pure.
import type { PlannedStep } from "../plan/plan.ts";
import type { Hierarchy } from "./hierarchy.ts";
import { joinFile } from "./join.ts";
import { creation, setting } from "./step.ts";

export interface EnclosureRequest {
  readonly hierarchies: readonly Hierarchy[];
  /** The v1 hierarchies to warn of where nobody has mounted them here, by their first controller or `name=`. */
  readonly known: readonly string[];
  /** What the container has already, by controller. */
  readonly directories: Readonly<Record<string, string>>;
  /** Of the root of v1's cpuset hierarchy: a new group has neither CPUs nor memory and lets nobody in (cpuset(7)). */
  readonly cpuset: { readonly cpus: string; readonly mems: string };
  readonly name: string;
}

export interface Enclosure {
  readonly steps: readonly PlannedStep[];
  readonly joins: readonly string[];
  /** By the first controller, "v2" for the hierarchy without any on a hybrid host. */
  readonly directories: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

const because = "a container that can mount this hierarchy sees its own group as the root of it";

/** One directory in each hierarchy where the container has none. */
export function planEnclosure({ hierarchies, known, directories, cpuset, name }: EnclosureRequest): Enclosure {
  const owned = Object.values(directories);
  const missing = hierarchies.filter(({ mountPoint }) => !owned.some((directory) => directory.startsWith(`${mountPoint}/`)));
  const made = missing.map((hierarchy): [string, string] => [
    hierarchy.version === "v2" ? "v2" : (hierarchy.controllers[0] ?? hierarchy.mountPoint),
    `${hierarchy.mountPoint}/${name}`,
  ]);
  const settings = (key: string, directory: string): PlannedStep[] =>
    key === "cpuset"
      ? [
          setting(`${directory}/cpuset.cpus`, cpuset.cpus, "copied from the parent: a new cpuset is empty and lets nobody in"),
          setting(`${directory}/cpuset.mems`, cpuset.mems, "copied from the parent: a new cpuset is empty and lets nobody in"),
        ]
      : [];
  return {
    steps: made.flatMap(([key, directory]) => [creation(directory, because), ...settings(key, directory)]),
    joins: made.map(([key, directory]) => joinFile(key, directory)),
    directories: Object.fromEntries(made),
    warnings: known
      .filter((controller) => !hierarchies.some(({ controllers }) => controllers.includes(controller)))
      .map(
        (controller) =>
          `the cgroup hierarchy ${controller} is not mounted on this host: with its capabilities the container could mount it and change groups that are not its own`,
      ),
  };
}
