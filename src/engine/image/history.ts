// Use case: how an image came to be, newest step first, as docker tells it.
import { readFileSync } from "node:fs";
import { parseImageConfig } from "../../image/config.ts";
import { joinHistory } from "../../image/history.ts";
import { hostImage } from "../../image/host.ts";
import type { Platform } from "../../image/platform.ts";
import { blobPath } from "../../store/blob.ts";
import { findImage, originOf } from "../../store/image-record.ts";
import { findLayer } from "../../store/layer.ts";
import type { Engine } from "../engine.ts";
import { requirePlatform } from "./platform.ts";

export interface HistoryRow {
  /** Image id; "<missing>" for steps that no image of this store ends with. */
  readonly id: string;
  /** 0: the step has no date. */
  readonly createdMs: number;
  readonly createdBy: string;
  readonly sizeBytes: number;
  readonly comment: string;
}

/** Throws not-found, also for an image of another platform; conflict for an ambiguous id. The built-in host image has none. */
export function imageHistory(engine: Engine, name: string, platform?: Platform): readonly HistoryRow[] {
  const image = findImage(engine.store, name);
  requirePlatform(image, platform, name);
  if (image.id === hostImage.id) return [];
  const { history, diffIds } = parseImageConfig(readFileSync(blobPath(engine.root, image.id), "utf8"));
  const sizeOf = (diffId: string | undefined) => (diffId === undefined ? 0 : (findLayer(engine.store, diffId)?.sizeBytes ?? 0));
  const all = joinHistory(history, diffIds)
    .map(({ diffId, ...step }) => ({ ...step, sizeBytes: sizeOf(diffId) }))
    .reverse();
  const ids = idsOf(engine, image.id, all.length);
  return all.map((row, at) => ({ id: ids.get(at) ?? "<missing>", ...row }));
}

/** The image itself, and those it was made from here, by the place of their last step. */
function idsOf(engine: Engine, imageId: string, count: number): ReadonlyMap<number, string> {
  const ids = new Map([[0, imageId]]);
  for (let parent = originOf(engine.store, imageId).parent; parent !== "" && parent !== hostImage.id && ids.size < count; ) {
    const steps = stepsOf(engine, parent);
    if (steps === undefined || ids.has(count - steps)) break;
    ids.set(count - steps, parent);
    parent = originOf(engine.store, parent).parent;
  }
  return ids;
}

function stepsOf(engine: Engine, imageId: string): number | undefined {
  try {
    const { history, diffIds } = parseImageConfig(readFileSync(blobPath(engine.root, imageId), "utf8"));
    return joinHistory(history, diffIds).length;
  } catch {
    return undefined; // the parent has been removed since
  }
}
