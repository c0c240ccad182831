// Samples as points of a curve, and the axis above them. Pure.

interface Timed {
  readonly atMs: number;
}

export interface Span {
  readonly nowMs: number;
  readonly spanMs: number;
  readonly points: number;
  /** Samples that are further apart were not watched in between; nearer ones make one curve. */
  readonly gapMs: number;
}

/**
 * As many values as there are points, oldest first, of the last `spanMs`: the greatest of the samples that fall into each, so that no peak
 * is lost; undefined where nobody looked. Points are parts of time itself: a curve moves on by whole points, and is the same in between.
 */
export function resample<S extends Timed>(
  samples: readonly S[],
  value: (sample: S) => number,
  { nowMs, spanMs, points, gapMs }: Span,
): readonly (number | undefined)[] {
  const values = new Array<number | undefined>(points).fill(undefined);
  const pointMs = spanMs / points;
  const first = Math.floor(endOf(samples, nowMs) / pointMs) - points + 1;
  let beforeMs = Number.NEGATIVE_INFINITY;
  let before = Number.NEGATIVE_INFINITY;
  for (const sample of samples) {
    const at = Math.floor(sample.atMs / pointMs) - first;
    // A rate is that of the time since the sample before.
    const from = sample.atMs - beforeMs <= gapMs ? Math.min(before + 1, at) : at;
    beforeMs = sample.atMs;
    before = at;
    if (at < 0) continue;
    const one = value(sample);
    for (let place = Math.max(from, 0); place <= at; place++) {
      const known = values[place];
      if (known === undefined || known < one) values[place] = one;
    }
  }
  return values;
}

/** Clocks are read one after the other: the newest may be a little later than now. */
const endOf = (samples: readonly Timed[], nowMs: number): number => Math.max(nowMs, samples.at(-1)?.atMs ?? nowMs);

/** The greatest value of the last `spanMs`; 0 without one. */
export function peakOf<S extends Timed>(
  samples: readonly S[],
  values: readonly ((sample: S) => number)[],
  nowMs: number,
  spanMs: number,
): number {
  const fromMs = endOf(samples, nowMs) - spanMs;
  let peak = 0;
  for (const sample of samples) {
    if (sample.atMs < fromMs) continue;
    for (const value of values) peak = Math.max(peak, value(sample));
  }
  return peak;
}

/** Upper end of an axis: the next 1, 2 or 5 times a power of ten, at least `least`. */
export function axisTop(peak: number, least: number): number {
  const most = Math.max(peak, least);
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= most) ?? most;
}

/** The same for bytes: the next power of 2. */
export const binaryAxisTop = (peak: number, least: number): number => 2 ** Math.ceil(Math.log2(Math.max(peak, least, 1)));
