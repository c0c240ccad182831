// Samples as points of a curve, and the axis above them. Pure.

/** As many values as there are points, oldest first, of the last `spanMs`: the mean of the samples that fall into each; undefined without one. */
export function resample<S extends { readonly atMs: number }>(
  samples: readonly S[],
  value: (sample: S) => number,
  nowMs: number,
  spanMs: number,
  points: number,
): readonly (number | undefined)[] {
  const sums = new Float64Array(points);
  const counts = new Uint32Array(points);
  const from = nowMs - spanMs;
  for (const sample of samples) {
    const at = Math.floor(((sample.atMs - from) / spanMs) * points);
    // Clocks are read one after the other: the newest may be a little later than now.
    const place = Math.min(at, points - 1);
    if (place < 0) continue;
    sums[place] = (sums[place] ?? 0) + value(sample);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return Array.from(counts, (count, place) => (count === 0 ? undefined : (sums[place] ?? 0) / count));
}

/** Upper end of an axis: the next 1, 2 or 5 times a power of ten above all values, at least `least`. */
export function axisTop(values: readonly number[], least: number): number {
  const most = values.reduce((high, value) => Math.max(high, value), least);
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= most) ?? most;
}

/** The same for bytes: the next power of 2. */
export function binaryAxisTop(values: readonly number[], least: number): number {
  const most = values.reduce((high, value) => Math.max(high, value), Math.max(least, 1));
  return 2 ** Math.ceil(Math.log2(most));
}
