// Use case: a tar of a root file system becomes an image of one layer.
import { KernelError, named, TsnsError } from "../../base/error.ts";
import { parseSignal } from "../../container/signal.ts";
import { applyChanges } from "../../image/change.ts";
import { emptyConfig, type ImageDescription, renderImageConfig } from "../../image/config.ts";
import { hostPlatform, type Platform } from "../../image/platform.ts";
import { parseReference, type Reference, renderReference } from "../../image/reference.ts";
import type { ImageConfig, ImageRecord } from "../../image/spec.ts";
import { stageLayer } from "../../kernel/tree/layer.ts";
import { type Chunks, checkReadable, readFileChunks } from "../../kernel/tree/stream.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { Engine } from "../engine.ts";
import { commitImages, withWorkDirectory } from "./commit.ts";
import { recordImageEvent } from "./event.ts";
import { findUnpackLimits } from "./unpack-limit.ts";

export interface ImportRequest {
  /** A file, or its bytes (standard input, a program). */
  readonly source: string | Chunks;
  /** How the source is called in the image's history: "-" or the file's name. */
  readonly sourceName: string;
  readonly name?: string;
  /** Dockerfile instructions. */
  readonly changes?: readonly string[];
  readonly message?: string;
  /** What it is for; default: this machine. */
  readonly platform?: Platform | undefined;
  /** The command whose output `source` is, for --explain. */
  readonly program?: readonly string[];
  /** What the changes start from. */
  readonly config?: ImageConfig;
  readonly signal?: AbortSignal;
  /** How much it may unpack to (src/image/unpack-limit.ts); absent: as set for this data root. */
  readonly unpackLimit?: string | undefined;
}

/**
 * Undefined after a dry run. Throws TsnsError invalid for a bad name, change or archive, before anything is unpacked where possible.
 */
export async function importImage(engine: Engine, request: ImportRequest): Promise<ImageRecord | undefined> {
  if (request.platform && request.platform.os !== "linux") {
    throw new TsnsError("unsupported", "wrong-platform", `images of ${request.platform.os} cannot be used on Linux`, {
      hint: "give --platform linux/ARCHITECTURE",
    });
  }
  const references = request.name === undefined ? [] : [parseReference(request.name)];
  const config = applyChanges(request.config ?? emptyConfig, request.changes ?? []);
  if (config.stopSignal) parseSignal(config.stopSignal);
  const source = typeof request.source === "string" ? readFileChunks(request.source) : request.source;
  const limits = findUnpackLimits(engine, request.unpackLimit);
  if (engine.mode.dryRun && typeof request.source === "string") checkReadable(request.source);
  const stepsIn = (directory: string) => planImport(request, references, `${directory}/layer`);
  return withWorkDirectory(engine, stepsIn, async (directory) => {
    const layer = await stageLayer(source, `${directory}/layer`, {
      withRecipe: true,
      limits,
      ...(request.signal ? { signal: request.signal } : {}),
    }).catch((error: unknown) => Promise.reject(error instanceof KernelError ? named(error, nameOf(request)) : error));
    engine.timings.mark("layer unpacked");
    for (const warning of layer.warnings) engine.warn(warning);
    const createdMs = Date.now();
    const { os, architecture, variant } = request.platform ?? hostPlatform();
    const comment = request.message ?? `Imported from ${request.sourceName}`;
    const description: ImageDescription = {
      createdMs,
      architecture,
      os,
      ...(variant === "" ? {} : { variant }),
      diffIds: [layer.diffId],
      config,
      comment,
      history: [{ created: new Date(createdMs).toISOString(), comment }],
    };
    const image = { description, configText: renderImageConfig(description), references };
    const [record] = commitImages(engine, [image], new Map([[layer.diffId, layer]])) ?? [];
    engine.timings.mark("image stored");
    if (record) recordImageEvent(engine, "import", { id: record.id, image: record });
    for (const name of record ? references.map(renderReference) : []) recordImageEvent(engine, "tag", { id: record?.id ?? "", name });
    if (!record) throw new TsnsError("internal", "staged-layer", "a staged layer was not found");
    return record;
  });
}

function nameOf({ source, sourceName }: ImportRequest): string {
  if (typeof source === "string") return source;
  return sourceName === "-" ? "standard input" : sourceName;
}

/** Unpacking into `directory` and storing, as steps to show. */
export function planImport(
  { source, program }: Pick<ImportRequest, "source" | "program">,
  references: readonly Reference[],
  directory: string,
): PlannedStep[] {
  const from = program ? { program } : { archive: typeof source === "string" ? source : "-" };
  return [
    {
      step: { kind: "layer.unpack", ...from, directory },
      because: "the image's one layer, hashed on the way; in nobody's sight until it is complete",
    },
    {
      step: { kind: "image.put", names: references.map(renderReference) },
      because: "the layer is renamed to its digest, the image becomes known, all or nothing",
    },
  ];
}
