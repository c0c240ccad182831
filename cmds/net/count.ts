// Counters of rules as JSON has them.

/** A number; text beyond 2^53, which stays exact that way. */
export const countText = (value: bigint): number | string => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString());
