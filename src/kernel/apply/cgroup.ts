// Performs steps on cgroups.
import type { CgroupStep } from "../../plan/step/cgroup.ts";
import { createCgroup, removeCgroup, writeCgroupFile } from "../cgroup/index.ts";
import type { Executors } from "./executor.ts";

export const cgroupExecutors: Executors<CgroupStep> = {
  "cgroup.create": (step) => createCgroup(step.path),
  "cgroup.write": (step) => writeCgroupFile(step.path, step.value),
  "cgroup.remove": (step) => removeCgroup(step.path),
};
