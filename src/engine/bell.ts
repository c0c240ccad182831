// Something to wait for that anybody may set off: what rings while nobody waits is not lost.

export interface Bell {
  ring(): void;
  /** Resolves when it has rung since the last call, or when the signal is aborted. */
  rung(signal?: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let hasRung = false;
  let wake = () => {};
  return {
    ring() {
      hasRung = true;
      wake();
    },
    async rung(signal) {
      if (!hasRung && !signal?.aborted) {
        await new Promise<void>((resolve) => {
          const done = () => {
            signal?.removeEventListener("abort", done);
            resolve();
          };
          wake = done;
          signal?.addEventListener("abort", done);
        });
      }
      hasRung = false;
    },
  };
}
