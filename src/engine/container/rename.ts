// Use case: a container gets another name. What refers to it by its id goes on.
import { TsnsError } from "../../base/error.ts";
import { isName } from "../../base/id.ts";
import { placeNames } from "../../container/place-name.ts";
import { rewriteActor } from "../../kernel/sandbox/state.ts";
import { renameContainerRow, requireFreeName } from "../../store/container-record.ts";
import { renameLease } from "../../store/lease.ts";
import { freeingTransaction, freeingWrite } from "../../store/reserve.ts";
import type { Engine } from "../engine.ts";
import { releaseLock, takeLock } from "../lock.ts";
import { findBegun } from "./begun.ts";
import { containerDirectory } from "./directory.ts";
import { actorText, recordContainerEvent } from "./event.ts";

/** Throws invalid for a bad name, not-found, conflict for a name that is taken or the same. */
export function renameContainer(engine: Engine, reference: string, wanted: string): void {
  const name = wanted.replace(/^\//, "");
  if (reference === "" || name === "")
    throw new TsnsError("invalid", "no-name", "Neither old nor new names may be empty", { hint: "tsns rename CONTAINER NEW_NAME" });
  const record = findBegun(engine, reference);
  if (!isName(name)) {
    throw new TsnsError("invalid", "bad-name", `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`, {
      hint: "give at least two of them",
    });
  }
  if (record.name === name) {
    throw new TsnsError("invalid", "same-name", "Renaming a container with the same name as its current name", {
      hint: `${name} is its name already`,
    });
  }
  requireFreeName(engine.store, name);
  if (engine.show({ steps: [{ step: { kind: "record.put", container: record.id, name }, because: `it is ${record.name} now` }] })) return;
  freeingTransaction(engine.store, engine.root, () => {
    takeLock(engine, record.id, "rename", `container ${record.name}`);
    renameContainerRow(engine.store, record.id, name);
    for (const attachment of record.spec.attachments)
      renameLease(engine.store, attachment.network, record.id, placeNames({ ...record, name }, attachment));
  });
  // The monitor tells of its end by this.
  rewriteActor(containerDirectory(engine.root, record.id).path, actorText({ ...record, name }));
  freeingWrite(engine.root, () => releaseLock(engine, record.id));
  recordContainerEvent(engine, { ...record, name }, "rename", { oldName: `/${record.name}` });
}
