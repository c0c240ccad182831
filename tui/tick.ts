// How often time alone is a reason to draw: every second while that changes the screen, every fifth once it has changed nothing three times
// in a row. Ages are told in minutes then, and a drawing costs more than all that is sampled when nothing happens. Pure.

const patience = 3;
const restingSeconds = 5;

export interface Ticking {
  /** Asked once a second. */
  isDue(): boolean;
  /** What a drawing did to the screen. */
  drawn(hasChanged: boolean): void;
}

export function createTicking(): Ticking {
  let unchanged = 0;
  let seconds = 0;
  return {
    isDue() {
      if (unchanged < patience) return true;
      seconds = (seconds + 1) % restingSeconds;
      return seconds === 0;
    },
    drawn(hasChanged) {
      unchanged = hasChanged ? 0 : unchanged + 1;
    },
  };
}
