// Reads what a container uses from its cgroup, and the host's figures it is compared with.
// What the files mean is in src/cgroup/usage.ts.
import { parseUsage, type UsageState } from "../../cgroup/usage.ts";
import { readHostCpu, readMemoryTotal } from "../proc/host.ts";
import { readCgroupFile } from "./file.ts";
import type { CgroupDirectories } from "./process.ts";

function readFrom(directory: string | undefined, file: string): string | undefined {
  return directory === undefined ? undefined : readCgroupFile(`${directory}/${file}`);
}

/** Usage of a container now. A cgroup that is gone reads as zeros. */
export function readUsage(directories: CgroupDirectories): UsageState {
  const cpu = readHostCpu();
  const host = {
    readMs: performance.now(),
    memoryBytes: readMemoryTotal(),
    systemCpuNanos: cpu.totalNanos,
    onlineCpus: cpu.onlineCpus,
  };
  const { unified } = directories;
  if (unified !== undefined) {
    return parseUsage(
      "v2",
      {
        memoryUsage: readFrom(unified, "memory.current"),
        memoryLimit: readFrom(unified, "memory.max"),
        memoryStat: readFrom(unified, "memory.stat"),
        memoryEvents: readFrom(unified, "memory.events"),
        cpuStat: readFrom(unified, "cpu.stat"),
        pidsCurrent: readFrom(unified, "pids.current"),
        pidsMax: readFrom(unified, "pids.max"),
        blockIo: readFrom(unified, "io.stat"),
      },
      host,
    );
  }
  const { memory, cpuacct, pids, blkio } = directories;
  return parseUsage(
    "v1",
    {
      memoryUsage: readFrom(memory, "memory.usage_in_bytes"),
      memoryLimit: readFrom(memory, "memory.limit_in_bytes"),
      memoryStat: readFrom(memory, "memory.stat"),
      memoryEvents: readFrom(memory, "memory.oom_control"),
      cpuUsage: readFrom(cpuacct, "cpuacct.usage"),
      cpuStat: readFrom(directories.cpu, "cpu.stat"),
      pidsCurrent: readFrom(pids, "pids.current"),
      pidsMax: readFrom(pids, "pids.max"),
      blockIo: readFrom(blkio, "blkio.throttle.io_service_bytes_recursive"),
      bfqIo: readFrom(blkio, "blkio.bfq.io_service_bytes_recursive"),
    },
    host,
  );
}
