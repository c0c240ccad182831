// Containers that ended with nobody left to clean up, cleaned up while somebody looks on: by a process of its own, as who writes the store may
// have to wait for others that do, and as a container may have to be started again. Nothing that reads the store ever waits.
import type { Engine } from "../engine.ts";
import { runOwn } from "../own-output.ts";

export interface Repairs {
  /** This one is to be cleaned up. */
  ask(id: string): void;
}

/** What a list does first: it repairs whatever was left behind. */
const words = ["ps", "-aq", "--no-trunc"];

/** `repaired`: told of each when that is over, whatever came of it. Ended with the signal, and what it was at is left to the journal. */
export function openRepairs(
  engine: Engine,
  repaired: (id: string) => void,
  signal: AbortSignal,
  clean: () => Promise<unknown> = () => runOwn(engine, words, signal, { warned: (text) => engine.warn(text) }),
): Repairs {
  const waiting = new Set<string>();
  let isAtWork = false;
  async function work(): Promise<void> {
    isAtWork = true;
    while (waiting.size > 0 && !signal.aborted) {
      const ids = [...waiting];
      waiting.clear();
      await clean().catch((error: unknown) => {
        if (!signal.aborted) engine.warn(error instanceof Error ? error.message : String(error));
      });
      if (!signal.aborted) for (const id of ids) repaired(id);
    }
    isAtWork = false;
  }
  return {
    ask(id) {
      waiting.add(id);
      if (!isAtWork) void work();
    },
  };
}
