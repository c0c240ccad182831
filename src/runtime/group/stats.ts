// What a container's groups have counted, in the words of runc's `events`: both versions of cgroups become one document. Pure: the texts of files
// come in.
import { fieldsOf, type ReadGroupFile } from "./stat-file.ts";
import { legacyStats } from "./stats-legacy.ts";
import { unifiedStats } from "./stats-unified.ts";

export type { ReadGroupFile };

export function groupStats(read: ReadGroupFile, isUnified: boolean): object {
  return isUnified ? unifiedStats(read) : legacyStats(read);
}

/** How often the kernel has ended a process of the group for want of memory. */
export function oomKills(read: ReadGroupFile, isUnified: boolean): number {
  return fieldsOf(read("memory", isUnified ? "memory.events" : "memory.oom_control")).oom_kill ?? 0;
}
