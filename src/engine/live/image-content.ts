// What is in images that somebody looks into: the steps that made each, and what each of its layers added, changed and took away. Steps are
// read at once; layers are walked in small pieces, as they may hold tens of thousands of files.
import { readFileSync } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import { type HistoryEntry, parseImageConfig } from "../../image/config.ts";
import { joinHistory } from "../../image/history.ts";
import { walkInSteps } from "../../kernel/layer/walk-steps.ts";
import { type Contribution, openStacking } from "../../layer/contribution.ts";
import { blobPath } from "../../store/blob.ts";
import { tryGetImage } from "../../store/image-record.ts";
import { findLayer, layerPath } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";
import { hasStore } from "../look.ts";
import { inSlices } from "./slice.ts";

/** A step of an image's history; those that made no layer changed its configuration alone. */
export interface ImageStep {
  /** Number of its layer, 1 for the lowest; absent: none. */
  readonly layer?: number;
  readonly diffId?: string;
  /** 0: the step has no date. */
  readonly createdMs: number;
  /** The instruction; "" where the image does not tell. */
  readonly createdBy: string;
  readonly sizeBytes: number;
}

export interface ImageContent {
  readonly id: string;
  /** Newest first. */
  readonly steps: readonly ImageStep[];
  /** Lowest layer first, as many as have been looked into; all of them when `whole` is there. */
  readonly layers: readonly Contribution[];
  /** What its containers see. */
  readonly whole?: Contribution;
  /** Files, directories and links met so far. */
  readonly entries: number;
}

/** Between two reports of how far it is. */
const progressMs = 500;

function readHistory(engine: Engine, imageId: string): readonly HistoryEntry[] {
  try {
    return parseImageConfig(readFileSync(blobPath(engine.root, imageId), "utf8")).history;
  } catch (error) {
    // Removed at this moment, or a configuration that nobody can read: the record still tells its layers.
    if (isErrno(error, "ENOENT") || error instanceof TsnsError) return [];
    throw error;
  }
}

/** Newest first; layers that the history does not tell of are the newest. None for this machine, and for an image that has gone. */
export function readImageSteps(engine: Engine, id: string): readonly ImageStep[] {
  const image = hasStore(engine) ? tryGetImage(engine.store, id) : undefined;
  if (!image) return [];
  let layer = 0;
  const steps = joinHistory(readHistory(engine, image.id), image.diffIds).map(({ diffId, createdMs, createdBy, comment }): ImageStep => {
    const step = { createdMs, createdBy: createdBy || comment };
    if (diffId === undefined) return { ...step, sizeBytes: 0 };
    return { layer: ++layer, diffId, ...step, sizeBytes: findLayer(engine.store, diffId)?.sizeBytes ?? 0 };
  });
  return steps.reverse();
}

/** Yields the steps at once, then what each layer holds as it is read, last all of it. Ends with the signal. */
export async function* readImageContent(engine: Engine, id: string, signal: AbortSignal): AsyncGenerator<ImageContent> {
  const steps = readImageSteps(engine, id);
  const diffIds = steps.flatMap(({ diffId }) => diffId ?? []).reverse();
  const stacking = openStacking();
  const layers: Contribution[] = [];
  const met = { entries: 0 };
  const content = (): ImageContent => ({ id, steps, layers: [...layers], entries: met.entries });
  yield content();
  for (const diffId of diffIds) {
    const reading = inPieces(layLayer(stacking, layerPath(engine.root, diffId), layers.length > 0, met), signal);
    for await (const contribution of reading) {
      if (contribution) layers.push(contribution);
      if (signal.aborted) return;
      yield content();
    }
  }
  if (!signal.aborted) yield { ...content(), whole: stacking.whole };
}

function* layLayer(
  stacking: ReturnType<typeof openStacking>,
  directory: string,
  withMarks: boolean,
  met: { entries: number },
): Generator<void, Contribution> {
  const { lay, contribution } = stacking.begin();
  for (const entries of walkInSteps(directory, withMarks)) {
    for (const entry of entries) lay(entry);
    met.entries += entries.length;
    yield;
  }
  return contribution;
}

/** Yields undefined now and then while it goes on, then what came of it. */
async function* inPieces<T>(steps: Generator<void, T>, signal: AbortSignal): AsyncGenerator<T | undefined> {
  const work = inSlices(steps, signal);
  for (;;) {
    const progress = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => progress.resolve(undefined), progressMs);
    const done = await Promise.race([work.then((value) => ({ value })), progress.promise]);
    clearTimeout(timer);
    if (done) {
      yield done.value;
      return;
    }
    yield undefined;
  }
}
