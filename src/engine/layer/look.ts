// tsns layer diff, du and which: what an upper directory changes, what its copies cost, which layer a file comes from.
import { TsnsError } from "../../base/error.ts";
import { compareLayer, measureLayer } from "../../kernel/layer/compare.ts";
import { type Trace, tracePath } from "../../kernel/layer/trace.ts";
import { readMountsOf } from "../../kernel/mount/namespace.ts";
import type { LayerChange, LayerUsage } from "../../layer/change.ts";
import { describeMarks, type EntryType, isOpaque, isWhiteout, type LayerEntry } from "../../layer/entry.ts";
import { isAtOrBelow, openMountTable } from "../../mount/table.ts";
import { renderSource } from "../../mount/view.ts";
import type { Engine } from "../engine.ts";
import { warnWithoutMarks } from "../mount/place.ts";
import { findLayers, type Layers, requireUpper } from "./locate.ts";
import { type LayerName, nameLayers } from "./name.ts";

export interface LookRequest {
  readonly reference: string;
  readonly cwd: string;
  /** Directories below an upper directory that is not mounted. */
  readonly lower?: readonly string[];
  /** Words that repeat the command on a container. */
  readonly again: (id: string) => readonly string[];
}

function locate(engine: Engine, request: LookRequest): Layers {
  warnWithoutMarks(engine);
  const layers = findLayers(engine, request.reference, request.cwd, request.again);
  return request.lower && request.lower.length > 0 ? { ...layers, lower: request.lower } : layers;
}

export function diffLayer(engine: Engine, request: LookRequest): readonly LayerChange[] {
  const layers = locate(engine, request);
  if (layers.upper === undefined && layers.label.startsWith("container")) return [];
  return compareLayer(requireUpper(layers), layers.lower);
}

export function measure(engine: Engine, request: LookRequest): LayerUsage {
  const layers = locate(engine, request);
  return measureLayer(requireUpper(layers), layers.lower);
}

/** One layer that has a path. */
export interface WhichRow {
  /** Absolute in the merged tree. */
  readonly path: string;
  /** 1 is the uppermost. */
  readonly layer: number;
  readonly layers: number;
  readonly name: string;
  readonly directory: string;
  readonly type: EntryType | "whiteout";
  readonly sizeBytes: number;
  /** "provides", "merges", "deletes", "data", "hidden". */
  readonly role: string;
  /** For "hidden": number of the layer, and its path there, that hides it. */
  readonly hiddenBy?: { readonly layer: number; readonly path: string; readonly how: "deleted" | "opaque" | "replaced" };
  readonly notes: readonly string[];
}

/** Every layer that has `path` (in the merged tree of the reference). Throws not-found when none has, conflict when another mount covers it. */
export function findOrigin(engine: Engine, path: string, request: LookRequest): readonly WhichRow[] {
  const layers = locate(engine, request);
  const stack = [...(layers.upper === undefined ? [] : [layers.upper]), ...layers.lower];
  const trace = tracePath(stack, path);
  refuseCovered(layers, trace.path, path);
  if (trace.hits.length === 0) {
    throw new TsnsError("not-found", "no-such-path", `no layer of ${layers.label} has ${path}`, {
      hint: "tsns layer diff shows what changed",
    });
  }
  return whichRows(trace, nameLayers(engine, stack, layers.upper !== undefined));
}

/** Every layer that has what was traced; `names` of all layers, uppermost first. */
export function whichRows(trace: Pick<Trace, "hits" | "path">, names: readonly LayerName[]): readonly WhichRow[] {
  return trace.hits.map(({ layer, entry, role, hiddenBy }): WhichRow => {
    const isGone = isWhiteout(entry);
    return {
      path: trace.path,
      layer: layer + 1,
      layers: names.length,
      name: names[layer]?.name ?? "",
      directory: names[layer]?.directory ?? "",
      type: isGone ? "whiteout" : entry.type,
      sizeBytes: entry.type === "file" && !isGone ? entry.sizeBytes : 0,
      role,
      notes: describeMarks(entry),
      ...(hiddenBy
        ? {
            hiddenBy: {
              layer: hiddenBy.layer + 1,
              path: `/${Buffer.from(hiddenBy.entry.path, "latin1").toString("utf8")}`,
              how: howHidden(entry, hiddenBy.entry),
            },
          }
        : {}),
    };
  });
}

/** By a whiteout of it or of a directory above, an opaque directory above, or something else of that name. */
function howHidden(entry: LayerEntry, cover: LayerEntry): "deleted" | "opaque" | "replaced" {
  if (isWhiteout(cover)) return "deleted";
  return isOpaque(cover) && (cover.path !== entry.path || entry.type === "directory") ? "opaque" : "replaced";
}

/** A volume or another mount over the merged tree: what the layers have there is not what is seen. */
function refuseCovered(layers: Layers, path: string, given: string): void {
  if (layers.mountsOf === undefined || layers.target === undefined) return;
  const table = openMountTable(readMountsOf(layers.mountsOf) ?? []);
  const base = table.mountAt(layers.target);
  const mount = table.mountOf(layers.target === "/" ? path : `${layers.target}${path}`);
  if (!mount || !base || mount.id === base.id || !isAtOrBelow(mount.target, layers.target)) return;
  throw new TsnsError(
    "conflict",
    "other-mount",
    `${given} in ${layers.label} is in no layer: ${mount.target} is a mount of ${renderSource(mount)} (${mount.type})`,
    {
      hint: "tsns mount ls shows it",
    },
  );
}
