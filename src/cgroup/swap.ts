// What memory and swap limits mean together: docker's defaults, before any cgroup version is considered.
import type { ResourceSpec } from "./spec.ts";

export interface MemoryLimits {
  /** Undefined: no limit. */
  readonly memoryBytes?: number;
  /** Memory plus swap, -1 for no limit, undefined to leave as it is. */
  readonly memorySwapBytes?: number;
  readonly warnings: readonly string[];
}

/**
 * docker's rules: with a memory limit and no word on swap as much swap as memory; without swap accounting
 * the swap limit is dropped with a warning.
 */
export function resolveMemory(resources: ResourceSpec, swapAccounting: boolean): MemoryLimits {
  const { memoryBytes, memorySwapBytes } = resources;
  if (!memoryBytes) return { warnings: [] };
  const wanted = memorySwapBytes || memoryBytes * 2;
  if (swapAccounting) return { memoryBytes, memorySwapBytes: wanted, warnings: [] };
  return {
    memoryBytes,
    warnings: wanted === -1 ? [] : ["this kernel does not account swap: memory is limited, swap is not"],
  };
}
