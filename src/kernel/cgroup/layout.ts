// Reads which cgroup hierarchies this host has: one file on v1 and hybrid, three on v2, more only for what a limit needs.
// What the texts mean is parsed in src/cgroup/state.ts.
import { accessSync, readdirSync, readFileSync } from "node:fs";
import { controllersFor } from "../../cgroup/plan.ts";
import type { ResourceSpec } from "../../cgroup/spec.ts";
import { type CgroupLayout, parseLayout } from "../../cgroup/state.ts";
import { readTextIfThere } from "../text-file.ts";

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

const readOptional = (path: string): string => readTextIfThere(path, "ENOENT", "ENODEV", "EACCES") ?? "";

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

/** CPUs and memory nodes of the cpuset hierarchy's root, or of a group `below` it. */
export function readCpuset(layout: CgroupLayout, below = ""): { cpus: string; mems: string } {
  const unified = layout.mode === "v2";
  const dir = `${unified ? layout.unified : layout.controllers.cpuset}${below}`;
  const suffix = unified ? ".effective" : "";
  return { cpus: readOptional(`${dir}/cpuset.cpus${suffix}`).trim(), mems: readOptional(`${dir}/cpuset.mems${suffix}`).trim() };
}

/** Which weights have an effect: those of a scheduler that a device uses, or of the I/O cost controller where it is on for one. */
function readWeightFile(layout: CgroupLayout): string | undefined {
  const schedulers = readdirSync("/sys/block").map((name) => readOptional(`/sys/block/${name}/queue/scheduler`));
  const used = (name: string) => schedulers.some((text) => text.includes(`[${name}]`));
  if (layout.mode !== "v2") return used("cfq") ? "blkio.weight" : used("bfq") ? "blkio.bfq.weight" : undefined;
  if (used("bfq")) return "io.bfq.weight";
  return readOptional(`${layout.unified}/io.cost.qos`).includes("enable=1") ? "io.weight" : undefined;
}

function weights(resources: ResourceSpec, layout: CgroupLayout): Pick<CgroupLayout, "weightFile"> {
  if (!resources.blkioWeight && !resources.blkioWeightDevices?.length) return {};
  const weightFile = readWeightFile(layout);
  return weightFile === undefined ? {} : { weightFile };
}

/** v1: what a new group takes over is what its nearest parent has. */
function readParent(layout: CgroupLayout, parent: string): Pick<CgroupLayout, "cpuset" | "missingParents"> {
  const levels = parent.split("/").map((_, at, names) => names.slice(0, at + 1).join("/"));
  const missingParents = levels.filter((level) => !exists(`${layout.controllers.cpuset}/${level}`));
  const nearest = levels.findLast((level) => !missingParents.includes(level));
  return { missingParents, cpuset: readCpuset(layout, nearest === undefined ? "" : `/${nearest}`) };
}

/**
 * The host's cgroup layout, with what planning `resources` needs to know and no more.
 * Throws `unsupported` when no cgroup file system is mounted.
 */
export function readCgroupLayout(resources?: ResourceSpec, parent?: string): CgroupLayout {
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
  const needs = controllersFor(resources, layout.mode === "v2");
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
    ...(needs.has("cpuset") && parent !== undefined && layout.controllers.cpuset !== undefined ? readParent(layout, parent) : {}),
    ...weights(resources, layout),
  };
}
