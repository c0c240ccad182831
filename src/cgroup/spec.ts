// Resource limits of a container, independent of the cgroup version.

export interface ResourceSpec {
  readonly memoryBytes?: number;
  /** Memory plus swap; -1 is unlimited. */
  readonly memorySwapBytes?: number;
  readonly memoryReservationBytes?: number;
  /** cgroup v1 shares, 2 to 262144; translated to weight on v2 as runc does. */
  readonly cpuShares?: number;
  readonly cpuQuotaMicros?: number;
  readonly cpuPeriodMicros?: number;
  /** List format of cpuset(7): "0-2,4". */
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  /** -1 is unlimited. */
  readonly pidsLimit?: number;
  /** "default": docker's list of devices; "all": no device filter (--privileged). */
  readonly devices: "default" | "all";
}
