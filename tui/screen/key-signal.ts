// Whose the signals of a terminal's keys are. The program that had the terminal and this one get them at the same moment, but one thread
// may take the signal while another takes the program's end: the end may be known first.

/** Turns of the event loop, not time: a process that stands still misses none. */
const turns = 20;
const turnMs = 50;

export interface KeySignals {
  /** Another program has the terminal. */
  readonly isLent: boolean;
  /** SIGINT and SIGQUIT are meant for this process. */
  readonly areOurs: boolean;
  lend(): void;
  takeBack(): void;
}

/** `later`: calls back in a later turn. */
export function openKeySignals(later: (act: () => void) => void = (act) => void setTimeout(act, turnMs).unref()): KeySignals {
  let isLent = false;
  let left = 0;
  function pass(): void {
    left--;
    if (left > 0) later(pass);
  }
  return {
    get isLent() {
      return isLent;
    },
    get areOurs() {
      return !isLent && left === 0;
    },
    lend() {
      isLent = true;
    },
    takeBack() {
      isLent = false;
      if (left === 0) later(pass);
      left = turns;
    },
  };
}
