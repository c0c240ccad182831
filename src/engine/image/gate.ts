// So many at once, the others wait their turn.

export interface Gate {
  /** Begins the work as soon as there is room, in the order of the calls. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

export function openGate(atOnce: number): Gate {
  const waiting: (() => void)[] = [];
  let running = 0;
  return {
    async run(work) {
      if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
      else running++;
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        // the place goes on to the next one
        if (next) next();
        else running--;
      }
    },
  };
}
