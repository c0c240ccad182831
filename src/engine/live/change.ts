// What a container has changed of its image, walked once in small pieces: a layer may hold a million files.
import type { RootChange } from "../../container/change.ts";
import { withoutMountPoints } from "../../container/change.ts";
import { layerChangeSteps } from "../../kernel/layer/diff.ts";
import { getContainer } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { layersInSight } from "../layer/container.ts";
import { runOwn } from "../own-output.ts";
import { inSlices } from "./slice.ts";

export interface SeenChange extends RootChange {
  /** Of a file's data; absent where it was not looked at. */
  readonly sizeBytes?: number;
  readonly isDirectory?: boolean;
}

export interface LiveChanges {
  /** In order of their paths. */
  readonly changes: readonly SeenChange[];
  /** Those that are too many for a screen. */
  readonly left: number;
  /** When the walk ended. */
  readonly atMs: number;
}

/** A tree of more is read by nobody. */
const most = 20_000;

async function walk(engine: Engine, id: string, signal: AbortSignal): Promise<readonly SeenChange[] | undefined> {
  const record = getContainer(engine.store, id);
  if (!record) return [];
  const seen = layersInSight(engine, record);
  // Its layer has to be mounted first, which another process does.
  if (!seen) return JSON.parse(await runOwn(engine, ["container", "diff", "--json", id], signal)) as readonly RootChange[];
  if (seen.upper === undefined) return [];
  return await inSlices(layerChangeSteps(seen.upper, seen.lower), signal);
}

/** Undefined when the signal is aborted before. Empty for a container that never ran, or is none. */
export async function readChanges(engine: Engine, id: string, signal: AbortSignal): Promise<LiveChanges | undefined> {
  const changes = await walk(engine, id, signal);
  if (!changes) return undefined;
  const shown = withoutMountPoints(changes);
  return { changes: shown.slice(0, most), left: Math.max(shown.length - most, 0), atMs: Date.now() };
}
