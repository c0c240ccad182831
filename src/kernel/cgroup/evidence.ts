// What a container's groups tell of how it has fared: read while they exist, kept after they are gone. What the files mean is in src/container/why/.
import { dirname } from "node:path";
import { parseFlat, parseNumber } from "../../cgroup/usage.ts";
import type { GroupEvidence, ParentLimit } from "../../container/death.ts";
import { readCgroupFile } from "./file.ts";
import type { CgroupDirectories } from "./process.ts";

/** Neutral name to controller and file of v1. */
const legacy: Readonly<Record<string, readonly [controller: string, file: string]>> = {
  memoryEvents: ["memory", "memory.oom_control"],
  memoryLimit: ["memory", "memory.limit_in_bytes"],
  memoryPeak: ["memory", "memory.max_usage_in_bytes"],
  memoryUsage: ["memory", "memory.usage_in_bytes"],
  memoryFailures: ["memory", "memory.failcnt"],
  memoryStat: ["memory", "memory.stat"],
  cpuStat: ["cpu", "cpu.stat"],
  cpuQuota: ["cpu", "cpu.cfs_quota_us"],
  cpuPeriod: ["cpu", "cpu.cfs_period_us"],
  cpuUsage: ["cpuacct", "cpuacct.usage"],
  pidsEvents: ["pids", "pids.events"],
  pidsMax: ["pids", "pids.max"],
  pidsCurrent: ["pids", "pids.current"],
  pidsPeak: ["pids", "pids.peak"],
};

const unifiedFiles: Readonly<Record<string, string>> = {
  memoryEvents: "memory.events",
  memoryLimit: "memory.max",
  memoryPeak: "memory.peak",
  memoryUsage: "memory.current",
  memoryStat: "memory.stat",
  cpuStat: "cpu.stat",
  cpuMax: "cpu.max",
  pidsEvents: "pids.events",
  pidsMax: "pids.max",
  pidsCurrent: "pids.current",
  pidsPeak: "pids.peak",
  cpuPressure: "cpu.pressure",
  memoryPressure: "memory.pressure",
  ioPressure: "io.pressure",
};

/** Undefined when the container has no groups, or they are gone. */
export function readGroupEvidence(directories: CgroupDirectories): GroupEvidence | undefined {
  const { unified } = directories;
  const texts: Record<string, string> = {};
  const keep = (name: string, path: string | undefined) => {
    const text = path === undefined ? undefined : readCgroupFile(path);
    if (text !== undefined) texts[name] = text.trimEnd();
  };
  if (unified !== undefined) for (const [name, file] of Object.entries(unifiedFiles)) keep(name, `${unified}/${file}`);
  else {
    for (const [name, [controller, file]] of Object.entries(legacy)) {
      const directory = directories[controller];
      keep(name, directory === undefined ? undefined : `${directory}/${file}`);
    }
  }
  if (Object.keys(texts).length === 0) return undefined;
  const version = unified === undefined ? "v1" : "v2";
  return { version, texts, parents: readParentLimits(unified ?? directories.memory, version) };
}

/** Groups above with a memory limit; the root of a hierarchy has none. */
function readParentLimits(directory: string | undefined, version: "v1" | "v2"): ParentLimit[] {
  const found: ParentLimit[] = [];
  if (directory === undefined) return found;
  for (let path = dirname(directory); path.length > 1; path = dirname(path)) {
    const text = readCgroupFile(`${path}/${version === "v1" ? "memory.limit_in_bytes" : "memory.max"}`);
    if (text === undefined) break;
    const limitBytes = parseNumber(text) ?? 0;
    if (!Number.isFinite(limitBytes) || limitBytes >= 2 ** 62) continue;
    const failures =
      version === "v1"
        ? parseNumber(readCgroupFile(`${path}/memory.failcnt`))
        : parseFlat(readCgroupFile(`${path}/memory.events.local`) ?? "").get("max");
    found.push({ path, limitBytes, failures: failures ?? 0 });
  }
  return found;
}
