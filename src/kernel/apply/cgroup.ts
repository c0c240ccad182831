// Performs steps on cgroups. What containers need at every start is loaded at once, the rest when a step asks for it.
import type { CgroupStep } from "../../plan/step/cgroup.ts";
import { createCgroup, removeCgroup, writeCgroupFile } from "../cgroup/index.ts";
import type { Executors } from "./executor.ts";

export const cgroupExecutors: Executors<CgroupStep> = {
  "cgroup.create": (step) => createCgroup(step.path),
  "cgroup.write": (step) => writeCgroupFile(step.path, step.value),
  "cgroup.remove": (step) => removeCgroup(step.path),
  "cgroup.make": async (step) => (await import("../cgroup/group.ts")).makeGroup(step.path),
  "cgroup.ensure": async (step) => (await import("../cgroup/group.ts")).ensureGroup(step.path),
  "cgroup.delete": async (step) => (await import("../cgroup/group.ts")).deleteGroup(step.path),
  "cgroup.join": async (step) => (await import("../cgroup/group.ts")).joinGroup(step.path, step.pid),
  "cgroup.freeze": async (step) => (await import("../cgroup/control.ts")).setFrozen(step.directory, step.version, step.frozen),
  "cgroup.kill": async (step) => (await import("../cgroup/control.ts")).endProcesses(step),
  "cgroup.signal": async (step) => (await import("../cgroup/control.ts")).signalProcesses(step.directories, step.signal),
  "cgroup.device-filter": async (step) => (await import("../cgroup/device-filter.ts")).replaceDeviceFilter(step.path, step.programHex),
};
