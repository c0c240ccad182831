// The two steps that groups of an OCI container are made of, performed without the executors of all others: they would cost its start milliseconds.
import { TsnsError } from "../../base/error.ts";
import type { Step } from "../../plan/step.ts";
import { writeCgroupFile } from "./file.ts";
import { ensureGroup } from "./group.ts";

/** Throws KernelError, or internal for a step of another kind. */
export function performGroupStep(step: Step): void {
  if (step.kind === "cgroup.ensure") ensureGroup(step.path);
  else if (step.kind === "cgroup.write") writeCgroupFile(step.path, step.value);
  else throw new TsnsError("internal", "unexpected-step", `a plan of groups has the step ${step.kind}`);
}
