// tsns image blame: which layer of an image a file comes from, by which instruction, and what other layers did to it.
import { TsnsError } from "../../base/error.ts";
import { tracePath } from "../../kernel/layer/trace.ts";
import type { Engine } from "../engine.ts";
import { type WhichRow, whichRows } from "../layer/look.ts";
import { findLayered } from "./layer-tree.ts";

export interface BlameRow extends WhichRow {
  /** "" where the image does not tell. */
  readonly createdBy: string;
  readonly createdMs: number;
}

/** Every layer that has the path, uppermost first. `path` is absolute in the image. Throws not-found `no-such-path`. */
export function blameImage(engine: Engine, name: string, path: string): readonly BlameRow[] {
  const found = findLayered(engine, name);
  const layers = [...found.layers].reverse();
  const trace = tracePath(
    layers.map(({ directory }) => directory),
    path,
  );
  if (trace.hits.length === 0) {
    throw new TsnsError("not-found", "no-such-path", `no layer of the image "${name}" has ${path}`, {
      hint: "paths are those of the image, as /etc/passwd; tsns image mount shows them",
    });
  }
  const names = layers.map(({ diffId, directory }) => ({ name: diffId, directory }));
  return whichRows(trace, names).map((row): BlameRow => {
    const layer = layers[row.layer - 1];
    return { ...row, createdBy: layer?.createdBy ?? "", createdMs: layer?.createdMs ?? 0 };
  });
}
