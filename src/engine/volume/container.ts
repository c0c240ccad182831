// Volumes of a container that goes: the anonymous ones go with their last container. Small: the path of every `run --rm` leads here.
import type { ContainerRecord } from "../../container/record.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { getVolume, usersOfVolume } from "../../store/volume-record.ts";
import { localDriver } from "../../volume/spec.ts";
import type { Engine } from "../engine.ts";
import type { DroppedVolume } from "./remove.ts";

/** Names of the volumes that nobody named. */
function anonymousVolumes({ spec }: Pick<ContainerRecord, "spec">): string[] {
  const names = spec.mounts.flatMap((mount) => (mount.type === "volume" && mount.anonymous ? [mount.name] : []));
  return [...new Set(names)];
}

/** What removing a container's volumes along with it would do, for people. */
export async function planAnonymousRemoval(engine: Engine, record: ContainerRecord): Promise<PlannedStep[]> {
  const names = anonymousVolumes(record);
  if (names.length === 0) return [];
  const { planVolumeRemoval } = await import("./remove.ts");
  return names
    .filter((name) => getVolume(engine.store, name) && usersOfVolume(engine.store, name).every(({ id }) => id === record.id))
    .flatMap((name) => planVolumeRemoval(engine, name, "nobody named it, and its last container goes"));
}

export interface VolumeRemoval {
  /** Inside the transaction that deletes the container's row, after that. May be repeated. */
  drop(): void;
  /** After it: the files, and what plug-ins keep. */
  finish(): Promise<void>;
}

/** Removes the anonymous volumes of a container along with it, as far as no other container mounts them; undefined when it has none. */
export async function openAnonymousRemoval(engine: Engine, record: ContainerRecord): Promise<VolumeRemoval | undefined> {
  const names = anonymousVolumes(record);
  if (names.length === 0) return undefined;
  const { dropVolume, finishRemovals, removeVolume } = await import("./remove.ts");
  const dropped = new Map<string, DroppedVolume>();
  const foreign = new Set<string>();
  return {
    drop() {
      for (const name of names) {
        const volume = getVolume(engine.store, name);
        if (volume && volume.driver !== localDriver) foreign.add(name);
        else if (volume && usersOfVolume(engine.store, name).length === 0)
          dropped.set(name, { ...dropped.get(name), ...dropVolume(engine, volume) });
      }
    },
    async finish() {
      finishRemovals(engine, [...dropped.values()]);
      for (const name of foreign) if (usersOfVolume(engine.store, name).length === 0) await removeVolume(engine, name);
    },
  };
}

/** After the run of a container is cleaned up: devices of volumes that nobody else uses are unmounted. */
export async function releaseVolumes(engine: Engine, record: ContainerRecord): Promise<void> {
  if (!record.spec.mounts.some(({ type }) => type === "volume")) return;
  const { releaseMounted } = await import("./release.ts");
  await releaseMounted(engine, record);
}
