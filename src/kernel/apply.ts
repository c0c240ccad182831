// Carries out plans on this kernel: one executor per kind of step, chosen by the type of the step; one file per noun in apply/.
// Decides nothing; what to do and in which order is in the plan.
import type { Plan } from "../plan/plan.ts";
import type { Step } from "../plan/step.ts";
import { bridgeExecutors } from "./apply/bridge.ts";
import { cgroupExecutors } from "./apply/cgroup.ts";
import { conntrackExecutors } from "./apply/conntrack.ts";
import { credentialExecutors } from "./apply/credential.ts";
import type { Executors } from "./apply/executor.ts";
import { fileExecutors } from "./apply/file.ts";
import { firewalldExecutors } from "./apply/firewalld.ts";
import { imageExecutors } from "./apply/image.ts";
import { layerExecutors } from "./apply/layer.ts";
import { linkExecutors } from "./apply/link.ts";
import { mountExecutors } from "./apply/mount.ts";
import { namespaceExecutors } from "./apply/namespace.ts";
import { processExecutors } from "./apply/process.ts";
import { recordExecutors } from "./apply/record.ts";
import { ruleExecutors } from "./apply/rule.ts";
import { volumeExecutors } from "./apply/volume.ts";

/** A kernel that performs steps; the in-memory fake of the tests is another. */
export interface Kernel {
  perform(step: Step): void | Promise<void>;
}

const executors: Executors<Step> = {
  ...bridgeExecutors,
  ...cgroupExecutors,
  ...conntrackExecutors,
  ...credentialExecutors,
  ...fileExecutors,
  ...firewalldExecutors,
  ...imageExecutors,
  ...layerExecutors,
  ...linkExecutors,
  ...mountExecutors,
  ...namespaceExecutors,
  ...processExecutors,
  ...recordExecutors,
  ...ruleExecutors,
  ...volumeExecutors,
};

/** The kernel of this machine. */
export const realKernel: Kernel = {
  perform: (step) => (executors[step.kind] as (step: Step) => void | Promise<void>)(step),
};

export interface ApplyOptions {
  /** Called after each step with its microseconds. */
  readonly onStep?: (at: number, micros: number) => void;
}

/** Performs the steps in order; stops at the first that fails, with the step's number in the error. Undoing is the caller's. */
export async function applyPlan(plan: Plan, kernel: Kernel, options: ApplyOptions = {}): Promise<void> {
  for (const [at, planned] of plan.steps.entries()) {
    const begin = options.onStep ? process.hrtime.bigint() : 0n;
    const pending = kernel.perform(planned.step);
    if (pending) await pending;
    options.onStep?.(at, Number(process.hrtime.bigint() - begin) / 1000);
  }
}
