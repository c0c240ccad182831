// What a container used in the last ten minutes, in few bytes: 500 containers with 600 samples each are to stay below 25 MB. Pure.

/** Of one moment. Rates are of the time since the sample before. */
export interface UsageSample {
  /** Unix time, milliseconds. */
  readonly atMs: number;
  /** 100 is one whole processor. */
  readonly cpuPercent: number;
  /** Share of the time in which its processor time was withheld, percent; 100 for each processor. */
  readonly throttledPercent: number;
  /** docker's: without files that are only cached. */
  readonly memoryBytes: number;
  /** Its limit, or the host's memory when that is less or there is none. */
  readonly memoryLimitBytes: number;
  readonly receivedBytesPerSecond: number;
  readonly sentBytesPerSecond: number;
  readonly readBytesPerSecond: number;
  readonly writeBytesPerSecond: number;
  readonly pids: number;
  /** 0 is no limit. */
  readonly pidsLimit: number;
  /** Share of the last ten seconds in which something in it had to wait for it, percent; the kernel counts it on cgroup v2 only. */
  readonly pressure?: { readonly cpu: number; readonly memory: number; readonly io: number };
}

const leastGapMs = 15_000;

/** What lies further apart than that, and than several intervals, was not watched in between: it makes no rate and no curve. */
export const gapOf = (intervalMs: number): number => Math.max(leastGapMs, 3 * intervalMs);

export interface UsageHistory {
  push(sample: UsageSample): void;
  /** Oldest first. `before`: what it gave the last time, whose samples are given again. */
  read(before?: readonly UsageSample[]): readonly UsageSample[];
  readonly lastMs: number;
}

const keptMs = 600_000;
/** At most: one a second. Samples that come faster are thinned out to that. */
const most = 600;
const leastMs = 900;

const columns = [
  "cpuPercent",
  "throttledPercent",
  "memoryBytes",
  "memoryLimitBytes",
  "receivedBytesPerSecond",
  "sentBytesPerSecond",
  "readBytesPerSecond",
  "writeBytesPerSecond",
  "pids",
  "pidsLimit",
] as const satisfies readonly (keyof UsageSample)[];
const pressures = ["cpu", "memory", "io"] as const;
const width = columns.length + pressures.length;

/** Values lose what a 32-bit float has no room for, which no curve shows; rows are a ring that grows up to `most`. */
export function createUsageHistory(): UsageHistory {
  let rows = 32;
  let values = new Float32Array(rows * width);
  let times = new Float64Array(rows);
  let first = 0;
  let count = 0;
  const placeOf = (at: number) => (first + at) % rows;
  const timeOf = (at: number): number => times[placeOf(at)] ?? 0;
  function grow(): void {
    const wider = Math.min(rows * 2, most);
    const order = Array.from({ length: count }, (_, at) => placeOf(at));
    const newValues = new Float32Array(wider * width);
    const newTimes = new Float64Array(wider);
    for (const [at, place] of order.entries()) {
      newValues.set(values.subarray(place * width, (place + 1) * width), at * width);
      newTimes[at] = times[place] ?? 0;
    }
    [rows, values, times, first] = [wider, newValues, newTimes, 0];
  }
  function write(place: number, sample: UsageSample): void {
    times[place] = sample.atMs;
    const from = place * width;
    for (let at = 0; at < columns.length; at++) values[from + at] = sample[columns[at] as (typeof columns)[number]];
    const { pressure } = sample;
    // NaN: not counted
    for (let at = 0; at < pressures.length; at++) {
      values[from + columns.length + at] = pressure ? pressure[pressures[at] as (typeof pressures)[number]] : Number.NaN;
    }
  }
  function readAt(place: number): UsageSample {
    const value = (at: number): number => values[place * width + at] ?? 0;
    const [cpu, memory, io] = pressures.map((_, at) => value(columns.length + at)) as [number, number, number];
    return {
      atMs: times[place] ?? 0,
      ...(Object.fromEntries(columns.map((column, at) => [column, value(at)])) as Record<(typeof columns)[number], number>),
      ...(Number.isNaN(cpu) ? {} : { pressure: { cpu, memory, io } }),
    };
  }
  return {
    get lastMs() {
      return count === 0 ? 0 : timeOf(count - 1);
    },
    push(sample) {
      // What was told a moment ago is told better now; the clock may have been set back.
      while (count > 0 && timeOf(count - 1) > sample.atMs) count--;
      while (count > 0 && timeOf(0) < sample.atMs - keptMs) {
        first = placeOf(1);
        count--;
      }
      if (count > 1 && timeOf(count - 1) - timeOf(count - 2) < leastMs) count--;
      if (count === rows && rows < most) grow();
      if (count === rows) {
        first = placeOf(1);
        count--;
      }
      write(placeOf(count), sample);
      count++;
    },
    read(before = []) {
      let known = 0;
      return Array.from({ length: count }, (_, at) => {
        const atMs = timeOf(at);
        while (known < before.length && (before[known]?.atMs ?? 0) < atMs) known++;
        const same = before[known];
        if (same?.atMs !== atMs) return readAt(placeOf(at));
        known++;
        return same;
      });
    },
  };
}
