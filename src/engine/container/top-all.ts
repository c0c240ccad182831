// The processes of all containers that run, once: two looks shortly after each other, as rates need.

import type { Engine } from "../engine.ts";
import { type ProcessBoard, watchProcesses } from "../live/process.ts";
import { openLiveSource } from "../live/source.ts";

const betweenMs = 1000;

/** Undefined when the signal is aborted before. */
export async function topAll(engine: Engine, signal: AbortSignal): Promise<ProcessBoard | undefined> {
  let looks = 0;
  for await (const board of watchProcesses(openLiveSource(engine, betweenMs), "running", betweenMs, signal)) {
    looks++;
    if (looks === 2) return board;
  }
  return undefined;
}
