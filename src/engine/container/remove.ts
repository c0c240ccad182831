// Removes containers: their record, writable layer and log. Nothing outside the container's own directory is touched.
import { TsnsError } from "../../base/error.ts";
import { isLive } from "../../container/record.ts";
import type { Step } from "../../plan/step.ts";
import { deleteContainer, getContainer, noSuchContainer } from "../../store/container-record.ts";
import { containersOf, isHiddenImage } from "../../store/image-record.ts";
import { deleteJournal, readJournal, writeJournal } from "../../store/journal.ts";
import { releaseLeases } from "../../store/lease.ts";
import { freeingTransaction } from "../../store/reserve.ts";
import type { Engine } from "../engine.ts";
import { releaseLock, takeLock } from "../lock.ts";
import { performUndo } from "../undo.ts";
import { openAnonymousRemoval, planAnonymousRemoval } from "../volume/container.ts";
import { findBegun } from "./begun.ts";
import { containerDirectory } from "./directory.ts";
import { recordContainerEvent } from "./event.ts";
import { observeContainer } from "./observe.ts";
import { repairContainer } from "./repair.ts";
import { endContainer, planEnd } from "./stop.ts";

export interface RemoveOptions {
  /** false: files of a removed image stay for later. */
  readonly collect?: boolean;
  /** Its anonymous volumes go as well, unless another container mounts them. */
  readonly volumes?: boolean;
}

/** docker rm. `force` kills a running container first; without it that is a conflict. */
export async function removeContainer(engine: Engine, reference: string, force: boolean, options: RemoveOptions = {}): Promise<void> {
  const found = findBegun(engine, reference);
  const undo: readonly Step[] = [
    { kind: "tree.remove", path: containerDirectory(engine.root, found.id).path, within: `${engine.root}/containers` },
  ];
  const observed = observeContainer(engine, found);
  if (isLive(observed) && !force) {
    throw new TsnsError("conflict", "container-running", `cannot remove container "${found.name}": it is running`, {
      hint: `stop it first, or give -f`,
    });
  }
  const ending = isLive(observed) ? planEnd(engine, observed, 9, 0).steps : [];
  const removal = undo.map((step) => ({ step, because: "writable layer, log and generated files of the container" }));
  const volumePlan = options.volumes ? await planAnonymousRemoval(engine, found) : [];
  if (engine.show({ steps: [...ending, ...removal, ...volumePlan] })) return;
  // A removal that was cut off is finished by the repair: what else goes with it goes here.
  let isRemoved = false;
  if (isLive(observed)) {
    await endContainer(engine, observed, "rm", { signal: 9, graceSeconds: 0 });
    if (found.spec.autoRemove) return;
  } else {
    await repairContainer(engine, found.id, { takeOver: true });
    isRemoved = !getContainer(engine.store, found.id);
    if (found.spec.autoRemove && isRemoved) return;
  }
  freeingTransaction(engine.store, engine.root, () => {
    if (!isRemoved && !getContainer(engine.store, found.id)) throw noSuchContainer(found.name);
    takeLock(engine, found.id, "rm", `container ${found.name}`);
    // What is still to be undone of a run stays on the list.
    writeJournal(engine.store, found.id, [...(readJournal(engine.store, found.id) ?? []).filter(isNoTree), ...undo]);
  });
  await performUndo(engine, readJournal(engine.store, found.id) ?? undo);
  const volumes = options.volumes ? await openAnonymousRemoval(engine, found) : undefined;
  freeingTransaction(engine.store, engine.root, () => {
    deleteJournal(engine.store, found.id);
    releaseLeases(engine.store, found.id);
    deleteContainer(engine.store, found.id);
    releaseLock(engine, found.id);
    volumes?.drop();
  });
  await volumes?.finish();
  if (!isRemoved) recordContainerEvent(engine, found, "destroy");
  if (options.collect !== false) await forgetImage(engine, found.spec.imageId);
}

/** An image that was removed while this container used it goes with the last one that does; nothing else does. */
async function forgetImage(engine: Engine, imageId: string): Promise<void> {
  if (!isHiddenImage(engine.store, imageId) || containersOf(engine.store, imageId).length > 0) return;
  const { collectBlobs, findGarbage } = await import("../image/collect.ts");
  const garbage = new Set(findGarbage(engine).map(({ path }) => path));
  const own = findGarbage(engine, engine.store, new Set([imageId])).map(({ path }) => path);
  collectBlobs(engine, { only: new Set(own.filter((path) => !garbage.has(path))), measure: false });
}

const isNoTree = (step: Step): boolean => step.kind !== "tree.remove";
