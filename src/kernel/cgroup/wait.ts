// Waiting for the kernel without an event loop: the synchronous commands have none to spare.

/**
 * Asks `done` again until it says yes, sleeping 1 ms at first and up to 5 ms in between.
 * Returns whether it said yes within `timeoutMs`.
 */
export function waitUntil(done: () => boolean, timeoutMs: number): boolean {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + timeoutMs;
  for (let pauseMs = 1; !done(); pauseMs = Math.min(pauseMs + 1, 5)) {
    if (performance.now() >= deadline) return false;
    Atomics.wait(cell, 0, 0, pauseMs);
  }
  return true;
}
