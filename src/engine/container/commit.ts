// Use case: what a container has changed becomes a layer over its image's, and with its settings an image. The container stands still
// meanwhile, unless that is not wanted.
import { readFileSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import { parseObject } from "../../base/json.ts";
import { withoutMountPoints } from "../../container/change.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { parseSignal } from "../../container/signal.ts";
import { applyChanges } from "../../image/change.ts";
import { renderCommittedConfig } from "../../image/committed.ts";
import { parseImageConfig } from "../../image/config.ts";
import { hostImage } from "../../image/host.ts";
import { parseReference, renderReference } from "../../image/reference.ts";
import type { ImageConfig, ImageRecord } from "../../image/spec.ts";
import { noUnpackLimits } from "../../image/unpack-limit.ts";
import { readFreezer } from "../../kernel/cgroup/process.ts";
import { readLayerChanges } from "../../kernel/layer/diff.ts";
import { packLayer } from "../../kernel/layer/pack.ts";
import { type StagedLayer, stageLayer } from "../../kernel/tree/layer.ts";
import { readFileChunks } from "../../kernel/tree/stream.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import type { LayerPack } from "../../plan/step/layer.ts";
import { blobPath } from "../../store/blob.ts";
import { findContainer } from "../../store/container-record.ts";
import { getImage } from "../../store/image-record.ts";
import { openChangeJournal } from "../change-journal.ts";
import type { Engine } from "../engine.ts";
import { commitImages, withWorkDirectory } from "../image/commit.ts";
import { findContainerLayers } from "../layer/container.ts";
import { takeBack } from "../undo.ts";
import { recordContainerEvent } from "./event.ts";

export interface CommitRequest {
  readonly container: string;
  readonly name?: string;
  readonly author?: string;
  readonly message?: string;
  /** Dockerfile instructions. */
  readonly changes?: readonly string[];
  readonly pause: boolean;
  readonly signal?: AbortSignal;
}

/** The same command again, by id. */
function wordsOf({ name, author, message, changes = [], pause }: CommitRequest, id: string): string[] {
  return [
    "container",
    "commit",
    `--pause=${pause}`,
    ...(author === undefined ? [] : ["--author", author]),
    ...(message === undefined ? [] : ["--message", message]),
    ...changes.flatMap((change) => ["--change", change]),
    "--",
    id,
    ...(name === undefined ? [] : [name]),
  ];
}

/** Undefined after a dry run. Throws not-found, unsupported `host-image`, invalid for a bad name or change, before anything is done. */
export async function commitContainer(engine: Engine, request: CommitRequest): Promise<ImageRecord | undefined> {
  const record = findContainer(engine.store, request.container);
  const image = getImage(engine.store, record.spec.imageId);
  if (image.id === hostImage.id) throw ofHost(record);
  const references = request.name === undefined ? [] : [parseReference(request.name)];
  if (references[0]?.digest !== undefined) {
    throw new TsnsError("invalid", "tag-digest", `${request.name} has a digest, which only the finished image has`, {
      hint: "write NAME:TAG",
    });
  }
  const config = applyChanges(configOf(record, image), request.changes ?? []);
  if (config.stopSignal) parseSignal(config.stopSignal);
  const { upper, lower, pid } = findContainerLayers(engine, record, wordsOf(request, record.id));
  const pack = upper === undefined ? undefined : planPack(upper, lower);
  const freeze = request.pause && pid > 0 && pack ? planFreeze(engine, record) : [];
  const put: PlannedStep = {
    step: { kind: "image.put", names: references.map(renderReference) },
    because: "the image's layers and this one, all or nothing",
  };
  const stepsIn = (directory: string): PlannedStep[] => [...freeze, ...packSteps(pack, directory), ...freeze.map(thaw), put];
  return withWorkDirectory(engine, stepsIn, async (directory) => {
    const layer =
      pack && (await makeLayer(engine, { ...pack, archive: `${directory}/layer.tar` }, freeze, `${directory}/layer`, request.signal));
    const parent = readFileSync(blobPath(engine.root, image.id), "utf8");
    const configText = renderCommittedConfig(parseObject(parent) ?? {}, {
      config,
      createdMs: Date.now(),
      diffId: layer?.diffId,
      createdBy: record.spec.cmd.join(" "),
      author: request.author ?? "",
      comment: request.message ?? "",
    });
    const made = { description: parseImageConfig(configText), configText, references, parent: image.id };
    const [stored] = commitImages(engine, [made], new Map(layer ? [[layer.diffId, layer]] : [])) ?? [];
    if (stored) {
      const imageRef = references.map(renderReference).join(",");
      recordContainerEvent(engine, record, "commit", { comment: request.message ?? "", imageID: stored.id, imageRef });
    } else throw new TsnsError("conflict", "layers-vanish", "layers of the container's image have been removed meanwhile");
    return stored;
  });
}

/** Undefined when nothing has changed but what was made to mount something there. */
function planPack(upper: string, lower: readonly string[]): Omit<LayerPack, "archive"> | undefined {
  const changes = readLayerChanges(upper, lower);
  const kept = new Set(withoutMountPoints(changes).map(({ path }) => path));
  if (kept.size === 0) return undefined;
  // what is in a directory before the directory itself
  const leaveOut = changes
    .map(({ path }) => path)
    .filter((path) => !kept.has(path))
    .reverse();
  return { kind: "layer.pack", directory: upper, lower, leaveOut };
}

function packSteps(pack: Omit<LayerPack, "archive"> | undefined, directory: string): PlannedStep[] {
  if (!pack) return [];
  const archive = `${directory}/layer.tar`;
  return [
    { step: { ...pack, archive }, because: "what the container has changed, with whiteouts for what it deleted" },
    { step: { kind: "layer.unpack", archive, directory: `${directory}/layer` }, because: "the image's new layer, hashed on the way" },
  ];
}

/** Stops the container's processes; nothing for those that stand still already. */
function planFreeze(engine: Engine, record: ContainerRecord): PlannedStep[] {
  const cgroups = record.run?.cgroups ?? {};
  const directory = cgroups.unified ?? cgroups.freezer;
  if (directory === undefined) {
    engine.warn(`the cgroup of ${record.name} has no freezer: it goes on running meanwhile`);
    return [];
  }
  if (readFreezer(cgroups) === "frozen") return [];
  const version = cgroups.unified === undefined ? "v1" : "v2";
  return [
    {
      step: { kind: "cgroup.freeze", directory, version, frozen: true },
      because: "the layer is packed as it is at one moment",
      undo: { kind: "cgroup.freeze", directory, version, frozen: false },
    },
  ];
}

const thaw = ({ step, undo }: PlannedStep): PlannedStep => ({ step: undo ?? step, because: "it goes on" });

async function makeLayer(
  engine: Engine,
  pack: LayerPack,
  freeze: readonly PlannedStep[],
  path: string,
  signal: AbortSignal | undefined,
): Promise<StagedLayer> {
  const plan = { steps: [...freeze, { step: pack, because: "packed" }, ...freeze.map(thaw)] };
  const journal = openChangeJournal(engine, plan);
  try {
    for (const planned of freeze) {
      journal.begin(planned);
      await engine.apply({ steps: [planned] });
    }
    for (const warning of packLayer(pack, () => {}).warnings) engine.warn(warning);
  } finally {
    if (
      await takeBack(
        engine,
        freeze.flatMap(({ undo }) => undo ?? []),
      )
    )
      journal.end();
  }
  engine.timings.mark("changes packed");
  return stageLayer(readFileChunks(pack.archive), path, { withRecipe: true, limits: noUnpackLimits, ...(signal ? { signal } : {}) });
}

/** The image's configuration with what the container has of its own. */
function configOf({ spec }: ContainerRecord, { config }: ImageRecord): ImageConfig {
  const { env, entrypoint, cmd, user, labels, workingDirectory, stopSignal } = spec;
  const ports = spec.ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`);
  return {
    ...config,
    env,
    entrypoint,
    cmd,
    user,
    labels,
    workingDirectory: config.workingDirectory === "" && workingDirectory === "/" ? "" : workingDirectory,
    stopSignal: config.stopSignal === "" && stopSignal === "SIGTERM" ? "" : stopSignal,
    exposedPorts: [...new Set([...config.exposedPorts, ...(spec.exposed ?? []), ...ports])],
  };
}

function ofHost({ name }: ContainerRecord): TsnsError {
  return new TsnsError(
    "unsupported",
    "host-image",
    `the container ${name} runs on this machine's own file system, which is no image's layer`,
    {
      hint: `its changes alone: tsns layer commit -o FILE ${name}`,
    },
  );
}
