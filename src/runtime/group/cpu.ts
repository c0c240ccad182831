// What both versions of cgroups have in common about CPU time. Pure.
import type { RuntimeCpu } from "../config/resource.ts";
import type { GroupFiles, GroupSetting } from "./setting.ts";

/** The kernel's, microseconds. */
export const defaultPeriod = 100_000n;

/** The kernel takes no weight of an idle group, and gives one that is idle no longer the usual weight (sched_group_set_idle()). */
export const sharesOf = ({ shares, idle }: RuntimeCpu): bigint | undefined => (idle === 1 ? undefined : shares || undefined);

/** Where none can be saved up, none is. */
export const burstOf = ({ burst }: RuntimeCpu, { hasBurst = true }: GroupFiles): bigint | undefined =>
  burst === 0n && !hasBurst ? undefined : burst;

/** What is saved up is never above the quota: it falls before that does, and rises after it. */
export function burstOrder(
  cpu: RuntimeCpu,
  { cpuBurst = 0n }: { readonly cpuBurst?: bigint },
  burst: readonly GroupSetting[],
  time: readonly GroupSetting[],
): readonly GroupSetting[] {
  return cpu.burst !== undefined && cpu.burst <= cpuBurst ? [...burst, ...time] : [...time, ...burst];
}
