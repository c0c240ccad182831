// Removes everything of a data root: containers, networks, forwards, files. The host is then as if tsns had never used it.
import { readdirSync } from "node:fs";
import { isErrno, TsnsError } from "../../base/error.ts";
import type { Step } from "../../plan/step.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import { deleteJournal, listJournalOwners, readJournal } from "../../store/journal.ts";
import { listNetworks } from "../../store/network-record.ts";
import { removeContainer } from "../container/remove.ts";
import { findChanges } from "../doctor/change.ts";
import { openScene } from "../doctor/scene.ts";
import type { Engine } from "../engine.ts";
import { hasStore } from "../look.ts";
import { stopNameServer } from "../name/seat.ts";
import { removeNetwork } from "../network/remove.ts";
import { removeAllHostRules } from "../network/rules-own.ts";
import { performUndo } from "../undo.ts";

/** What lies in a data root; nothing else in that directory is touched. */
const ownEntries = [
  "containers",
  "volumes",
  "events",
  "events.1",
  "names",
  "layers",
  "blobs",
  "tmp",
  "reserve",
  "store.db",
  "store.db-wal",
  "store.db-shm",
];

/** Throws what went wrong first, after having tried everything. */
export async function resetSystem(engine: Engine): Promise<void> {
  if (!hasStore(engine)) {
    if (isEmpty(engine.root)) return;
    throw new TsnsError("not-found", "no-data-root", `${engine.root} is no data root of tsns`, { hint: "give --root DIR" });
  }
  const failures: unknown[] = [];
  const attempt = async (body: () => Promise<void>) =>
    body().catch((error: unknown) => {
      if (!isGone(error)) failures.push(error);
    });
  for (const record of listContainerRecords(engine.store)) await attempt(() => removeContainer(engine, record.id, true));
  for (const network of listNetworks(engine.store)) await attempt(() => removeNetwork(engine, network.spec.name));
  await attempt(() => removeAllHostRules(engine));
  await attempt(() => undoJournalled(engine, "mount:", "unmount what was mounted on the host"));
  await attempt(() => undoJournalled(engine, "volume:", "unmount the device of a volume"));
  await attempt(() => undoJournalled(engine, "namespace:", "take a named set of namespaces away"));
  await attempt(() => takeBackChanges(engine));
  if (failures.length > 0) throw failures[0];
  if (engine.mode.dryRun) return;
  await stopNameServer(engine);
  engine[Symbol.dispose]();
  const present = readdirSync(engine.root);
  const steps: Step[] = ownEntries
    .filter((name) => present.includes(name))
    .map((name) => ({ kind: "tree.remove", path: `${engine.root}/${name}`, within: engine.root }));
  await performUndo(engine, steps);
}

/** Another command has removed it meanwhile. */
const isGone = (error: unknown): boolean => error instanceof TsnsError && ["no-such-container", "no-such-network"].includes(error.code);

/** A directory that no command has stored anything in. */
function isEmpty(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES")) return false;
    throw error;
  }
}

/** What commands made that were killed between their steps. */
async function takeBackChanges(engine: Engine): Promise<void> {
  for (const { repair, object, fix } of await findChanges(openScene(engine))) {
    if (!engine.show({ steps: repair.map((step) => ({ step, because: `a killed command left it: ${object}` })) })) await fix?.();
  }
}

/** Mounts of the host and named sets of namespaces: with the store the knowledge of them would go. */
async function undoJournalled(engine: Engine, prefix: string, because: string): Promise<void> {
  const owners = listJournalOwners(engine.store).filter((owner) => owner.startsWith(prefix));
  for (const owner of owners) {
    const undo = readJournal(engine.store, owner) ?? [];
    if (engine.show({ steps: undo.map((step) => ({ step, because })) })) continue;
    await performUndo(engine, undo);
    deleteJournal(engine.store, owner);
  }
}
