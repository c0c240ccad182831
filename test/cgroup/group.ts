// A real cgroup for tests that need root: planned and made as a container's, joined by test processes, always removed.
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type CgroupPlan, planCgroup } from "../../src/cgroup/plan.ts";
import type { ResourceSpec } from "../../src/cgroup/spec.ts";
import { createCgroup, writeCgroupFile } from "../../src/kernel/cgroup/file.ts";
import { ensureGroup } from "../../src/kernel/cgroup/group.ts";
import { readCgroupLayout } from "../../src/kernel/cgroup/layout.ts";
import { removeCgroup } from "../../src/kernel/cgroup/remove.ts";
import { undoOf } from "../../src/plan/plan.ts";

export interface TestGroup extends CgroupPlan {
  readonly name: string;
  /** Starts a shell that joins the group before it runs `script`. */
  start(script: string): Promise<ChildProcess>;
  remove(): void;
}

function join(plan: CgroupPlan, pid: number): void {
  const files = plan.into === undefined ? plan.joins : [`${plan.into}/cgroup.procs`];
  for (const file of files) writeCgroupFile(file, `${pid}`);
}

/** Makes the cgroup of `resources` on whatever layout this host has. `parent`: the path it is below, which stays. */
export function makeGroup(resources: Partial<ResourceSpec> = {}, parent?: string): TestGroup {
  const full: ResourceSpec = { devices: "all", ...resources };
  const name = `tsns-test-${randomBytes(6).toString("hex")}`;
  const planned = planCgroup({ resources: full, layout: readCgroupLayout(full, parent), name, ...(parent ? { parent } : {}) });
  const remove = () => {
    for (const step of undoOf(planned.plan)) if (step.kind === "cgroup.remove") removeCgroup(step.path);
  };
  try {
    for (const { step } of planned.plan.steps) {
      if (step.kind === "cgroup.ensure") ensureGroup(step.path);
      if (step.kind === "cgroup.create") createCgroup(step.path);
      if (step.kind === "cgroup.write") writeCgroupFile(step.path, step.value);
    }
  } catch (error) {
    remove();
    throw error;
  }
  const start = async (script: string) => {
    const child = spawn("/bin/sh", ["-c", `read go; ${script}`], { stdio: ["pipe", "pipe", "pipe"] });
    await once(child, "spawn");
    join(planned, child.pid ?? 0);
    child.stdin.write("go\n");
    return child;
  };
  return { ...planned, name, start, remove };
}

/** Everything a child wrote to standard output, and how it ended. */
export async function outcomeOf(child: ChildProcess): Promise<{ output: string; code: number | null; signal: NodeJS.Signals | null }> {
  let output = "";
  child.stdout?.on("data", (bytes: Buffer) => {
    output += bytes.toString();
  });
  const [code, signal] = await once(child, "close");
  return { output, code, signal };
}

/** The next line a child prints. */
export async function lineOf(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("no standard output");
  const [bytes] = await once(child.stdout, "data");
  return `${bytes}`.trim();
}
