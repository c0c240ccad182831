// The local time zone as the monitor takes it: it knows no zone files, so the changes of the coming years go with the plan.

export interface ZoneChange {
  /** Unix time from which on it holds. */
  readonly from: number;
  /** Seconds east of UTC. */
  readonly offset: number;
}

const dayMs = 86_400_000;
/** So many changes fit (native/log-format.h); two a year. */
const most = 20;

/** The offset now and each change within the next ten years. */
export function zoneChanges(nowMs: number): ZoneChange[] {
  const changes: ZoneChange[] = [{ from: Math.floor(nowMs / 1000), offset: offsetAt(nowMs) }];
  for (let at = nowMs; changes.length < most && at < nowMs + 3650 * dayMs; at += 30 * dayMs) {
    if (offsetAt(at) === offsetAt(at + 30 * dayMs)) continue;
    let [before, after] = [at, at + 30 * dayMs];
    while (after - before > 1000) {
      const middle = (before + after) / 2;
      if (offsetAt(middle) === offsetAt(at)) before = middle;
      else after = middle;
    }
    const second = 60 * Math.round(after / 60_000); // they change at a whole minute
    changes.push({ from: second, offset: offsetAt(at + 30 * dayMs) });
  }
  return changes;
}

function offsetAt(ms: number): number {
  return -60 * new Date(ms).getTimezoneOffset();
}
