// Where the time of one command goes: marks in order, printed by --timings. Costs nothing when off.

export interface Timings {
  /** Ends the phase that began with the previous mark (or with the process) and names it. */
  mark(phase: string): void;
  /** Phases with microseconds, and the sum. */
  render(): string;
}

const silent: Timings = { mark() {}, render: () => "" };

/** `now` gives milliseconds since the process began (performance.now). */
export function createTimings(enabled: boolean, now: () => number): Timings {
  if (!enabled) return silent;
  const phases: [string, number][] = [];
  let last = 0;
  return {
    mark(phase) {
      const at = now();
      phases.push([phase, at - last]);
      last = at;
    },
    render() {
      const line = (micros: number, text: string) =>
        `${Math.round(micros * 1000)
          .toString()
          .padStart(9)} us  ${text}\n`;
      return phases.map(([phase, ms]) => line(ms, phase)).join("") + line(last, "total");
    },
  };
}
