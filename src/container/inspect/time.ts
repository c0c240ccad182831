// Times as docker's documents have them. Pure.

const zeroTime = "0001-01-01T00:00:00Z";
/** Milliseconds since the epoch; Go's zero time for none. */
export const rfc3339 = (ms: number | undefined) => (ms ? new Date(ms).toISOString() : zeroTime);
