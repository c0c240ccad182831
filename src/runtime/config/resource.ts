// `linux.resources` (runtime-spec 1.2, config-linux.md, Control groups) and what `update` takes. Values only; absent means: as it is. So does 0 of a
// limit, a share, a time or a weight, which is absent here then.

export interface RuntimeDeviceRule {
  readonly allow: boolean;
  /** Absent: all. */
  readonly type: "a" | "b" | "c";
  /** Absent: all. */
  readonly major?: number;
  readonly minor?: number;
  /** Of "r", "w", "m". */
  readonly access: string;
}

/** Bytes; -1 is no limit. */
export interface RuntimeMemory {
  readonly limit?: bigint;
  readonly reservation?: bigint;
  /** Memory and swap together. */
  readonly swap?: bigint;
  readonly kernel?: bigint;
  readonly kernelTcp?: bigint;
  readonly swappiness?: number;
  readonly disableOomKiller?: boolean;
  readonly useHierarchy?: boolean;
  /** A limit below what is used now is refused instead of set. */
  readonly checkBeforeUpdate?: boolean;
}

/** Times in microseconds. */
export interface RuntimeCpu {
  readonly shares?: bigint;
  readonly quota?: bigint;
  readonly burst?: bigint;
  readonly period?: bigint;
  readonly realtimeRuntime?: bigint;
  readonly realtimePeriod?: bigint;
  readonly cpus?: string;
  readonly mems?: string;
  /** cpu.idle, 0 or 1. */
  readonly idle?: number;
}

export interface RuntimeDeviceNumber {
  readonly major: number;
  readonly minor: number;
}

export interface RuntimeBlockIo {
  readonly weight?: number;
  readonly leafWeight?: number;
  readonly weightDevice: readonly (RuntimeDeviceNumber & { readonly weight?: number; readonly leafWeight?: number })[];
  /** Bytes a second. */
  readonly throttleReadBps: readonly (RuntimeDeviceNumber & { readonly rate: bigint })[];
  readonly throttleWriteBps: readonly (RuntimeDeviceNumber & { readonly rate: bigint })[];
  /** Operations a second. */
  readonly throttleReadIops: readonly (RuntimeDeviceNumber & { readonly rate: bigint })[];
  readonly throttleWriteIops: readonly (RuntimeDeviceNumber & { readonly rate: bigint })[];
}

export interface RuntimeResources {
  readonly devices: readonly RuntimeDeviceRule[];
  readonly memory?: RuntimeMemory;
  readonly cpu?: RuntimeCpu;
  /** 0 and less: no limit. */
  readonly pids?: { readonly limit: bigint };
  readonly blockIo?: RuntimeBlockIo;
  /** `pageSize` as the kernel writes it: "2MB", "1GB". */
  readonly hugepageLimits: readonly { readonly pageSize: string; readonly limit: bigint }[];
  readonly network?: { readonly classId?: number; readonly priorities: readonly { readonly name: string; readonly priority: number }[] };
  /** By device of the rdma controller. */
  readonly rdma: Readonly<Record<string, { readonly hcaHandles?: number; readonly hcaObjects?: number }>>;
  /** Files of cgroup v2 and what is written to them. */
  readonly unified: Readonly<Record<string, string>>;
}
