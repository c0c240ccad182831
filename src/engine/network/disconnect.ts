// Use case: a container leaves a network, at once when it runs.
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { findContainer, getContainer, updateContainerSpec } from "../../store/container-record.ts";
import { releaseAddresses } from "../../store/lease.ts";
import { findNetwork } from "../../store/network-record.ts";
import { freeingWrite } from "../../store/reserve.ts";
import { observeContainer } from "../container/observe.ts";
import { requirePrivilege } from "../container/privilege.ts";
import { repairContainer } from "../container/repair.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { recordNetworkEvent } from "./event.ts";
import { leaveNetwork, planDeparture, settleBefore } from "./leave.ts";
import { requireNetworkEntry } from "./list.ts";
import { notConnected, refuseMode } from "./member.ts";

/** Throws not-found when it is not there; `force`: leases of a container that does not run are given back all the same. */
export async function disconnectNetwork(
  engine: Engine,
  reference: string,
  container: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  const { id } = findContainer(engine.store, container);
  const network = nameOf(engine, reference, force);
  const observe = () => observeContainer(engine, getContainer(engine.store, id) ?? findContainer(engine.store, container));
  await settleBefore(engine, id);
  const observed = observe();
  refuseMode(observed.record, network);
  if (engine.mode.dryRun) {
    requireMember(observed.record, network);
    engine.show(planDeparture(engine, observed, network)?.plan ?? recordPlan(observed.record, network));
    return;
  }
  if (observed.status === "running") requirePrivilege("network connections", 1);
  await withLock(engine, id, "network disconnect", async () => {
    const { record, status } = observe();
    if (!force) requireMember(record, network);
    if (status === "running" && (await leaveNetwork(engine, id, network))) {
      const known = findNetwork(engine.store, network);
      if (known) recordNetworkEvent(engine, known, "disconnect", id);
      return;
    }
    if (!force || isMember(record, network)) return leaveLater(engine, record, network);
    if (!engine.store.get("SELECT 1 FROM address_lease WHERE network = ? AND container = ?", network, id))
      throw notConnected(record.name, network);
    releaseAddresses(engine.store, network, id);
  });
  if (observed.status === "running" && getContainer(engine.store, id) && observe().status !== "running") await repairContainer(engine, id);
}

/** With `force` it may be gone: containers that were made for it still name it. */
function nameOf(engine: Engine, reference: string, force: boolean): string {
  try {
    return requireNetworkEntry(engine, reference).name;
  } catch (error) {
    if (force && error instanceof TsnsError && error.kind === "not-found") return reference;
    throw error;
  }
}

const isMember = ({ spec }: ContainerRecord, network: string): boolean =>
  spec.attachments.some((attachment) => attachment.network === network);

function requireMember(record: ContainerRecord, network: string): void {
  if (!isMember(record, network)) throw notConnected(record.name, network);
}

const recordPlan = ({ id, name }: ContainerRecord, network: string) => ({
  steps: [{ step: { kind: "record.put", container: id, name } as const, because: `it is not on network ${network} when it starts again` }],
});

function leaveLater(engine: Engine, record: ContainerRecord, network: string): void {
  engine.show(recordPlan(record, network));
  const attachments = record.spec.attachments.filter((attachment) => attachment.network !== network);
  freeingWrite(engine.root, () => updateContainerSpec(engine.store, record.id, { ...record.spec, attachments }));
}
