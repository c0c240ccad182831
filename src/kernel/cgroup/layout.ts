// Reads which cgroup hierarchies this host has: one file on v1 and hybrid, three on v2, more only for what a limit needs.
// What the texts mean is parsed in src/cgroup/state.ts.
import { accessSync, readdirSync, readFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { controllersFor } from "../../cgroup/plan.ts";
import type { ResourceSpec } from "../../cgroup/spec.ts";
import { type CgroupLayout, parseLayout } from "../../cgroup/state.ts";

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENODEV", "EACCES")) return "";
    throw error;
  }
}

/**
 * The root of a hierarchy has no swap file of its own, so a group below it is asked: on v1 the root will do.
 * With no group to ask, swap is accounted if the kernel knows swap at all (always with it since Linux 6.2).
 */
function readSwapAccounting(layout: CgroupLayout): boolean {
  if (layout.mode !== "v2") return exists(`${layout.controllers.memory}/memory.memsw.limit_in_bytes`);
  const groups = readdirSync(layout.unified ?? "", { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const withMemory = groups.find((entry) => exists(`${entry.parentPath}/${entry.name}/memory.max`));
  return withMemory ? exists(`${withMemory.parentPath}/${withMemory.name}/memory.swap.max`) : exists("/proc/swaps");
}

function readCpuset(layout: CgroupLayout): { cpus: string; mems: string } {
  const unified = layout.mode === "v2";
  const dir = unified ? layout.unified : layout.controllers.cpuset;
  const suffix = unified ? ".effective" : "";
  return { cpus: readOptional(`${dir}/cpuset.cpus${suffix}`).trim(), mems: readOptional(`${dir}/cpuset.mems${suffix}`).trim() };
}

/**
 * The host's cgroup layout, with what planning `resources` needs to know and no more.
 * Throws `unsupported` when no cgroup file system is mounted.
 */
export function readCgroupLayout(resources?: ResourceSpec): CgroupLayout {
  const mountinfo = readFileSync("/proc/self/mountinfo", "utf8");
  let layout = parseLayout({ mountinfo });
  if (layout.mode === "v2") {
    layout = parseLayout({
      mountinfo,
      available: readOptional(`${layout.unified}/cgroup.controllers`),
      enabled: readOptional(`${layout.unified}/cgroup.subtree_control`),
    });
  }
  if (!resources) return layout;
  const needs = controllersFor(resources);
  const offered = layout.mode === "v2" ? layout.available : Object.keys(layout.controllers);
  const complete = [...needs.keys()].every((controller) => offered.includes(controller));
  const unused = complete
    ? []
    : parseLayout({ mountinfo, cgroups: readOptional("/proc/cgroups"), available: layout.available.join(" ") }).unused;
  return {
    ...layout,
    unused,
    ...(resources.memoryBytes && offered.includes("memory") ? { swapAccounting: readSwapAccounting(layout) } : {}),
    ...(needs.has("cpuset") && offered.includes("cpuset") ? { cpuset: readCpuset(layout) } : {}),
  };
}
