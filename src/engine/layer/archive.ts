// tsns layer commit and apply: an upper directory becomes a layer tar, a layer tar becomes a directory.
import { readdirSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { KernelError, TsnsError } from "../../base/error.ts";
import { pathHint } from "../../base/path-hint.ts";
import { type Applied, applyTar, checkTar } from "../../kernel/layer/apply-tar.ts";
import { type Packed, packLayer } from "../../kernel/layer/pack.ts";
import { newKeptName } from "../../kernel/tree/keep.ts";
import { readPathStat } from "../../kernel/tree/path-stat.ts";
import { type Chunks, checkReadable, readFileChunks } from "../../kernel/tree/stream.ts";
import type { Plan, PlannedStep } from "../../plan/plan.ts";
import type { LayerApply, LayerPack } from "../../plan/step/layer.ts";
import { openChangeJournal } from "../change-journal.ts";
import type { Engine } from "../engine.ts";
import { findUnpackLimits } from "../image/unpack-limit.ts";
import { warnWithoutMarks } from "../mount/place.ts";
import { takeBack } from "../undo.ts";
import { findLayers, requireUpper } from "./locate.ts";

export interface CommitRequest {
  readonly reference: string;
  readonly cwd: string;
  readonly lower: readonly string[];
  /** Absolute, or "-" for standard output. */
  readonly archive: string;
  readonly sourceDateEpoch?: number;
  readonly again: (id: string) => readonly string[];
  readonly write: (bytes: Uint8Array) => void;
}

/** Undefined for a dry run. */
export function commitLayer(engine: Engine, request: CommitRequest): Packed | undefined {
  warnWithoutMarks(engine);
  const layers = findLayers(engine, request.reference, request.cwd, request.again);
  const { sourceDateEpoch } = request;
  const step: LayerPack = {
    kind: "layer.pack",
    directory: requireUpper(layers),
    lower: request.lower.length > 0 ? request.lower : layers.lower,
    archive: request.archive,
    ...(sourceDateEpoch === undefined ? {} : { sourceDateEpoch }),
  };
  if (step.archive !== "-" && readPathStat(step.archive)?.isDirectory()) {
    throw new KernelError("open", "EISDIR", step.archive, { hint: "give the path of a file" });
  }
  const plan: Plan = { steps: [{ step, because: `what ${layers.label} changes, as a layer with whiteouts` }] };
  if (engine.show(plan)) return undefined;
  return packLayer(step, request.write);
}

export interface ApplyRequest {
  /** Absolute, or "-". */
  readonly archive: string;
  /** Absolute; made when it is not there. */
  readonly directory: string;
  readonly delete: boolean;
  readonly readStdin: () => Chunks;
  readonly signal: AbortSignal;
  /** How much it may unpack to (src/image/unpack-limit.ts); absent: as set for this data root. */
  readonly unpackLimit?: string | undefined;
}

/** Undefined for a dry run. Throws conflict for a directory that has contents without `delete`, bad archives before anything is changed. */
export async function applyLayer(engine: Engine, request: ApplyRequest): Promise<Applied | undefined> {
  const { archive, directory } = request;
  const limits = findUnpackLimits(engine, request.unpackLimit);
  const isNew = checkDirectory(request);
  if (archive !== "-") checkReadable(archive);
  const whiteouts = request.delete ? "delete" : "overlay";
  const step: LayerApply = { kind: "layer.apply", archive, directory, whiteouts };
  const kept = newKeptName();
  const make: PlannedStep = {
    step: { kind: "directory.create", path: directory, mode: 0o755 },
    because: "the layer's directory",
    undo: { kind: "directory.remove", path: directory },
  };
  const because = request.delete ? "the layer's files, without what it deletes" : "the layer's files, deleted ones as overlay's whiteouts";
  const change: PlannedStep = { step, because, ...(isNew ? {} : { undo: { kind: "tree.restore", path: directory, kept } }) };
  const plan: Plan = { steps: [...(isNew ? [make] : []), change] };
  if (engine.show(plan)) return undefined;
  if (request.delete && !isNew) await checkTar(archive, request.signal, limits);
  const journal = openChangeJournal(engine, plan);
  try {
    if (isNew) {
      // Killed half-way, the directory has contents.
      journal.begin({ ...make, undo: { kind: "tree.remove", path: directory, within: dirname(directory) } });
      await engine.apply({ steps: [make] });
    } else journal.begin({ ...change, undo: { kind: "tree.restore", path: realpathSync(directory), kept } });
    const source = archive === "-" ? request.readStdin() : readFileChunks(archive);
    return await applyTar(source, realpathSync(directory), { whiteouts, signal: request.signal, limits, ...(isNew ? {} : { kept }) });
  } catch (error) {
    if (isNew && make.undo) await takeBack(engine, [make.undo]);
    throw error;
  } finally {
    journal.end();
  }
}

/** True when it is to be made. */
function checkDirectory({ archive, directory, delete: isDelete }: ApplyRequest): boolean {
  const stat = readPathStat(directory);
  if (!stat) {
    const above = readPathStat(dirname(directory));
    if (above && !above.isDirectory())
      throw new KernelError("open", "ENOTDIR", dirname(directory), pathHint("ENOTDIR", dirname(directory)));
    if (!above) throw new KernelError("mkdir", "ENOENT", directory, { hint: `make it first: mkdir -p ${dirname(directory)}` });
    return true;
  }
  if (!stat.isDirectory()) throw new KernelError("open", "ENOTDIR", directory, pathHint("ENOTDIR", directory));
  const isEmpty = readdirSync(directory).length === 0;
  if (isEmpty) return false;
  if (!isDelete) {
    throw new TsnsError("conflict", "directory-not-empty", `${directory} is not empty`, {
      hint: "give a new directory, or --delete to apply the layer to what is there",
    });
  }
  if (archive === "-") {
    throw new TsnsError("invalid", "archive-not-checked", "standard input cannot be checked before a tree is changed", {
      hint: "write it to a file first",
    });
  }
  return false;
}
