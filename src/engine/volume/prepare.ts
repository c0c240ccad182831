// The volumes of a container before it starts: they get their rows with the container, their directories and the image's content before
// it runs. What a killed command has not finished, the next start finishes.
import { chownSync, existsSync, statSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import type { VolumeMount } from "../../container/spec/storage.ts";
import { hostImage } from "../../image/host.ts";
import { findInStack } from "../../kernel/layer/subtree.ts";
import { toText } from "../../kernel/tree/path.ts";
import { filledName, isEmptyVolume, moveFilled } from "../../kernel/volume/fill.ts";
import type { Plan, PlannedStep } from "../../plan/plan.ts";
import { getImage } from "../../store/image-record.ts";
import { layerDirectories } from "../../store/layer.ts";
import { getVolume } from "../../store/volume-record.ts";
import { type VolumeRecord, validateVolume } from "../../volume/spec.ts";
import { containerDirectory } from "../container/directory.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { planVolume, recordVolumeEvent } from "./create.ts";
import { volumeDirectory } from "./directory.ts";
import { refuseOther, requestOf, volumeOwner, volumesOf } from "./store.ts";

export interface PreparedVolumes {
  readonly plan: Plan;
  /** After the container and its volumes have been stored. */
  make(): Promise<void>;
}

/** One volume that is mounted, on however many paths. */
interface Use {
  readonly record: VolumeRecord;
  readonly isNew: boolean;
  readonly steps: readonly PlannedStep[];
}

/** Throws TsnsError for what cannot be mounted. Changes nothing. */
export function prepareVolumes(engine: Engine, container: ContainerRecord): PreparedVolumes {
  const image = getImage(engine.store, container.spec.imageId);
  const lower = image.id === hostImage.id ? ["/"] : layerDirectories(engine.root, image);
  const uses = volumesOf(container).map((mount) => planUse(engine, container, mount, lower));
  return {
    plan: { steps: uses.flatMap(({ steps }) => steps) },
    async make() {
      for (const use of uses) await withLock(engine, volumeOwner(use.record.name), "volume fill", () => makeUse(engine, container, use));
    },
  };
}

function planUse(engine: Engine, container: ContainerRecord, mount: VolumeMount, lower: readonly string[]): Use {
  const request = requestOf(mount);
  validateVolume(request);
  const known = getVolume(engine.store, mount.name);
  if (known && !mount.anonymous) refuseOther(known, request);
  const record = known ?? { ...request, createdMs: Date.now() };
  const fill = planFill(engine, container, mount, lower);
  return { record, isNew: !known, steps: [...planVolume(engine, record, !known), ...fill] };
}

/** Before the first run alone, as docker does it when the container is made. */
function planFill(engine: Engine, container: ContainerRecord, mount: VolumeMount, lower: readonly string[]): PlannedStep[] {
  const { path, data } = volumeDirectory(engine.root, mount.name);
  if (container.run || !isEmptyVolume(data)) return [];
  const { upper } = containerDirectory(engine.root, container.id);
  const layers = existsSync(upper) ? [upper, ...lower] : lower;
  const place = findInStack(layers, mount.target);
  if (place?.type === "other")
    throw new TsnsError("invalid", "volume-over-file", `cannot mount volume over existing file, file exists ${mount.target}`, {
      hint: "mount it on a directory, or on a path that is not there",
      exitCode: 125,
    });
  if (!place || mount.noCopy || mount.subpath !== undefined || place.path === "") return [];
  const { uid = 0, gid = 0 } = container.spec.userNamespace ?? {};
  return [
    {
      step: { kind: "volume.fill", name: mount.name, layers, source: toText(place.path), data, stage: path, uidShift: uid, gidShift: gid },
      because: `an empty volume gets what the image has on ${mount.target}`,
    },
  ];
}

async function makeUse(engine: Engine, { spec }: ContainerRecord, { record, isNew, steps }: Use): Promise<void> {
  const { path, data } = volumeDirectory(engine.root, record.name);
  const isFresh = !existsSync(data);
  await engine.apply({ steps: steps.filter(({ step }) => step.kind !== "volume.put" && step.kind !== "volume.fill") });
  if (isNew) recordVolumeEvent(engine, record, "create");
  if (existsSync(`${path}/${filledName}`)) moveFilled(path, data);
  if (isFresh) giveToRoot(data, spec.userNamespace);
  await engine.apply({ steps: steps.filter(({ step }) => step.kind === "volume.fill") });
}

/** Who is root in the container owns a new volume. */
function giveToRoot(data: string, owner: { readonly uid: number; readonly gid: number } | undefined): void {
  if (!owner || statSync(data).uid !== 0) return;
  chownSync(data, owner.uid, owner.gid);
}
