// The shell commands for steps on cgroups.
import type { CgroupStep } from "../step/cgroup.ts";
import { quoteWord, type Renderers, words } from "./word.ts";

export const cgroupShell: Renderers<CgroupStep> = {
  "cgroup.create": (step) => words("mkdir", step.path),
  // The kernel takes one line per write.
  "cgroup.write": (step) =>
    step.value
      .split("\n")
      .map((line) => `echo ${quoteWord(line)} > ${quoteWord(step.path)}`)
      .join("\n"),
  "cgroup.remove": (step) => words("rmdir", step.path),
};
