// Makes a network in the kernel: journal first, then bridge and rules; taken back when a step fails.
import { hasFirewalld } from "../../kernel/network/firewalld.ts";
import { readBootId } from "../../kernel/proc/host.ts";
import { namesOfBridge } from "../../network/name.ts";
import { planNetwork } from "../../network/plan.ts";
import { type NetworkSpec, poolOf } from "../../network/spec.ts";
import { type Plan, undoOf } from "../../plan/plan.ts";
import { deleteJournal, writeJournal } from "../../store/journal.ts";
import { deleteNetwork, type NetworkRecord, putNetwork } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { performUndo, performWhole } from "../undo.ts";
import { recordNetworkEvent } from "./event.ts";
import { readForwarding } from "./forwarding.ts";

/** Owner of a network's rows in journal and locks. */
export const networkOwner = (name: string): string => `network:${name}`;

export function planOfNetwork(spec: NetworkSpec): Plan {
  const families = { ipv4: true, ipv6: poolOf(spec, "ipv6") !== undefined };
  return planNetwork(spec, namesOfBridge(spec.bridge), { ...readForwarding(families), firewalld: hasFirewalld() });
}

export interface MakeOptions {
  /** The network is being created: when that fails nothing of it stays, nor after a kill (`pending`). */
  readonly create: boolean;
}

/** Call with the lock of the network's name and the claim: between the choice of a subnet and its address nobody else may choose. */
export async function makeNetwork(engine: Engine, record: NetworkRecord, { create }: MakeOptions): Promise<NetworkRecord> {
  const { pending: _, ...settled } = record;
  const plan = planOfNetwork(record.spec);
  const owner = networkOwner(record.spec.name);
  engine.store.transaction(() => {
    putNetwork(engine.store, { ...settled, appliedBoot: "", ...(create ? { pending: "create" } : {}) });
    writeJournal(engine.store, owner, undoOf(plan));
  });
  const undone = () =>
    engine.store.transaction(() => {
      deleteJournal(engine.store, owner);
      if (create) deleteNetwork(engine.store, record.spec.name);
    });
  try {
    // What an earlier, interrupted try left is taken away first: undoing is idempotent.
    await performUndo(engine, undoOf(plan));
  } catch (error) {
    undone();
    throw error;
  }
  await performWhole(engine, plan, { undone });
  const applied = { ...settled, appliedBoot: readBootId() };
  engine.store.transaction(() => putNetwork(engine.store, applied));
  if (create) recordNetworkEvent(engine, applied, "create");
  return applied;
}
