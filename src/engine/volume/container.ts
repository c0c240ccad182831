// Volumes of a container that goes: the anonymous ones go with their last container. Small: the path of every `run --rm` leads here.
import type { ContainerRecord } from "../../container/record.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { freeingTransaction } from "../../store/reserve.ts";
import { getVolume, usersOfVolume } from "../../store/volume-record.ts";
import type { Engine } from "../engine.ts";

/** Names of the volumes that nobody named. */
export function anonymousVolumes({ spec }: Pick<ContainerRecord, "spec">): string[] {
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

/**
 * Removes the anonymous volumes of a container whose record is gone, as far as no other container mounts them. May be repeated; when it is
 * not, `tsns volume prune` finds them.
 */
export async function removeAnonymousVolumes(engine: Engine, record: ContainerRecord): Promise<void> {
  const names = anonymousVolumes(record);
  if (names.length === 0) return;
  const { dropVolume, emptyTrash } = await import("./remove.ts");
  const trash = freeingTransaction(engine.store, engine.root, () =>
    names.flatMap((name) => {
      const volume = getVolume(engine.store, name);
      return volume && usersOfVolume(engine.store, name).length === 0 ? dropVolume(engine, volume) : [];
    }),
  );
  emptyTrash(engine, trash);
}
