// When a container has ended: devices of its volumes are unmounted unless another container still uses them.
import type { ContainerRecord } from "../../container/record.ts";
import type { Step } from "../../plan/step.ts";
import { deleteJournal, readJournal } from "../../store/journal.ts";
import { getVolume, usersOfVolume } from "../../store/volume-record.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { takeBack } from "../undo.ts";
import { recordVolumeEvent } from "./create.ts";
import { volumeOwner, volumesOf } from "./store.ts";

/** A container whose run is not cleaned up yet uses its volumes: its journal says so. */
export const isInUse = (engine: Engine, name: string): boolean =>
  usersOfVolume(engine.store, name).some(({ id }) => readJournal(engine.store, id) !== undefined);

/** After the journal of the container's run is gone. May be repeated. What cannot be unmounted is told and left to `tsns doctor`. */
export async function releaseMounted(engine: Engine, container: ContainerRecord): Promise<void> {
  for (const { name } of volumesOf(container)) {
    const record = getVolume(engine.store, name);
    if (record) recordVolumeEvent(engine, record, "unmount", { container: container.id });
    if (readJournal(engine.store, volumeOwner(name)) !== undefined) await unmountUnused(engine, name);
  }
}

/** Unmounts a volume's device if no container uses it. */
export async function unmountUnused(engine: Engine, name: string): Promise<void> {
  const owner = volumeOwner(name);
  await withLock(engine, owner, "volume unmount", async () => {
    const undo: readonly Step[] | undefined = readJournal(engine.store, owner);
    if (undo === undefined || isInUse(engine, name)) return;
    if (await takeBack(engine, undo)) deleteJournal(engine.store, owner);
  });
}
