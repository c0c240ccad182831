// Use case: removes volumes with their files. A volume goes in one instant, its row and its directory's name; its files follow.
import { renameSync, statSync } from "node:fs";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import { removeTree } from "../../kernel/tree/remove.ts";
import type { PlannedStep } from "../../plan/plan.ts";
import { readJournal } from "../../store/journal.ts";
import { freeingTransaction } from "../../store/reserve.ts";
import { nameTemporary, temporaryPath } from "../../store/temporary.ts";
import { deleteVolume, getVolume, noSuchVolume, usersOfVolume } from "../../store/volume-record.ts";
import { localDriver, type VolumeRecord } from "../../volume/spec.ts";
import type { Engine } from "../engine.ts";
import { recordVolumeEvent } from "./create.ts";
import { volumeDirectory, volumesDirectory } from "./directory.ts";
import { unmountUnused } from "./release.ts";
import { volumeOwner } from "./store.ts";

/** The steps of a removal, for people. */
export function planVolumeRemoval(engine: Engine, name: string, because: string): PlannedStep[] {
  return [
    { step: { kind: "volume.forget", name }, because },
    {
      step: { kind: "tree.remove", path: volumeDirectory(engine.root, name).path, within: volumesDirectory(engine.root) },
      because: `the files of volume ${name}`,
    },
  ];
}

/** Throws not-found, conflict `volume-in-use` naming the containers. */
export async function removeVolume(engine: Engine, name: string): Promise<void> {
  const record = getVolume(engine.store, name);
  if (!record) throw noSuchVolume(name);
  refuseUsed(engine, name);
  if (engine.show({ steps: planVolumeRemoval(engine, name, "it was asked for") })) return;
  if (readJournal(engine.store, volumeOwner(name)) !== undefined) await unmountUnused(engine, name);
  if (record.driver !== localDriver) await removeFromDriver(record);
  const dropped = freeingTransaction(engine.store, engine.root, () => {
    refuseUsed(engine, name);
    return dropVolume(engine, record);
  });
  finishRemovals(engine, [dropped]);
}

async function removeFromDriver({ name, driver }: VolumeRecord): Promise<void> {
  const { removeForeign, requireDriver } = await import("../../kernel/volume/plugin.ts");
  await removeForeign(driver, requireDriver(driver, `remove ${name}`), name);
}

function refuseUsed(engine: Engine, name: string): void {
  const users = usersOfVolume(engine.store, name);
  if (users.length === 0) return;
  throw new TsnsError("conflict", "volume-in-use", `remove ${name}: volume is in use - [${users.map(({ id }) => id).join(", ")}]`, {
    hint: `remove ${users.length > 1 ? "these containers" : "this container"} first: tsns rm ${users.map((user) => user.name).join(" ")}`,
  });
}

/**
 * Call inside a transaction, for a volume that nobody uses: its row goes, and its directory gets a name below tmp/ that tells whose
 * unfinished work it is, for `finishRemovals`.
 */
export function dropVolume(engine: Engine, record: VolumeRecord): DroppedVolume {
  deleteVolume(engine.store, record.name);
  const { path } = volumeDirectory(engine.root, record.name);
  if (!statSync(path, { throwIfNoEntry: false })) return { record };
  const trash = tryTemporary(engine.root);
  try {
    renameSync(path, trash);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw new KernelError("rename", errnoOf(error), path, { cause: error });
  }
  return { record, trash };
}

/** A volume whose row has gone. */
export interface DroppedVolume {
  readonly record: VolumeRecord;
  /** Its directory's new place; absent: it had none. */
  readonly trash?: string;
}

/** On a full disk the directory tmp/ is mostly there already. */
function tryTemporary(root: string): string {
  return statSync(`${root}/tmp`, { throwIfNoEntry: false }) ? nameTemporary(root) : temporaryPath(root);
}

/**
 * After the transaction, before which who hears of it would still see the volume: tells of each and removes what was put aside. Nobody knows
 * these files any more: what cannot go is told and left to `tsns doctor`.
 */
export function finishRemovals(engine: Engine, dropped: readonly DroppedVolume[]): void {
  for (const { record } of dropped) recordVolumeEvent(engine, record, "destroy");
  for (const { trash } of dropped) {
    if (trash === undefined) continue;
    try {
      removeTree(trash, { within: `${engine.root}/tmp` });
    } catch (error) {
      if (!(error instanceof TsnsError)) throw error;
      engine.warn(`not all files of the volume could be removed: ${error.message}`);
    }
  }
}

const errnoOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "EIO");
