// Resource limits of a container, independent of the cgroup version.
import type { DeviceRule } from "./device.ts";
import type { IoLimit } from "./io-limit.ts";

export interface ResourceSpec {
  readonly memoryBytes?: number;
  /** Memory plus swap; -1 is unlimited. */
  readonly memorySwapBytes?: number;
  readonly memoryReservationBytes?: number;
  /** How readily the kernel swaps the group's pages, 0 to 100; cgroup v1 only. */
  readonly memorySwappiness?: number;
  /** Processes above the memory limit wait instead of being killed; cgroup v1 only. */
  readonly oomKillDisable?: boolean;
  /** cgroup v1 shares, 2 to 262144; translated to weight on v2 as runc does. */
  readonly cpuShares?: number;
  readonly cpuQuotaMicros?: number;
  readonly cpuPeriodMicros?: number;
  /** What --cpus said, in billionths: then quota and period are made of it, and shown as none. */
  readonly nanoCpus?: number;
  /** Time of real-time processes per period; cgroup v1 only. */
  readonly cpuRealtimePeriodMicros?: number;
  readonly cpuRealtimeRuntimeMicros?: number;
  /** List format of cpuset(7): "0-2,4". */
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  /** -1 is unlimited. */
  readonly pidsLimit?: number;
  /** Share of block I/O against other groups, 10 to 1000. */
  readonly blkioWeight?: number;
  readonly blkioWeightDevices?: readonly DeviceWeight[];
  /** Rates of block devices. */
  readonly io?: readonly IoLimit[];
  /** "default": docker's list of devices; "all": no device filter (--privileged). */
  readonly devices: "default" | "all";
  /** Allowed besides docker's list. */
  readonly deviceRules?: readonly DeviceRule[];
}

/** The weight of one block device: its path or `major:minor`. */
export interface DeviceWeight {
  readonly device: string;
  readonly weight: number;
}

/** What is told of them; docker's words, which goes on as well. */
export const oomWarning = ({ oomKillDisable, memoryBytes }: ResourceSpec): readonly string[] =>
  oomKillDisable && !memoryBytes
    ? ["OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources."]
    : [];
