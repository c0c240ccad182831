// Starts a container: records what will need undoing, makes it, hands the rest to the native helper.
import type { ChildProcess } from "node:child_process";
import { TsnsError } from "../../base/error.ts";
import { parseDetachKeys } from "../../container/detach-key.ts";
import { type ContainerRecord, isLive } from "../../container/record.ts";
import type { RestartState } from "../../container/restart.ts";
import { type AttachedLaunch, type ClientOptions, launchAttached, launchDetached, writeOperations } from "../../kernel/sandbox/launch.ts";
import type { SandboxReport } from "../../kernel/sandbox/report.ts";
import { removeMonitorFile } from "../../kernel/sandbox/state.ts";
import { discardedPorts } from "../../network/expose.ts";
import { joinPlans, type Plan } from "../../plan/plan.ts";
import { getContainer, updateContainerState } from "../../store/container-record.ts";
import { writeJournal } from "../../store/journal.ts";
import { takePort } from "../../store/lease.ts";
import { getNetwork } from "../../store/network-record.ts";
import { freeingWrite, keepReserve } from "../../store/reserve.ts";
import type { Engine } from "../engine.ts";
import { releaseLock, takeLock } from "../lock.ts";
import { ensureNetwork, planEnsureNetwork } from "../network/ensure.ts";
import { recordModeEvent, recordNetworkEvent } from "../network/event.ts";
import { restartOperation, startOperation } from "./begun.ts";
import { cleanUp } from "./cleanup.ts";
import { prepareVolumesOf, storeContainer } from "./create.ts";
import { containerDirectory } from "./directory.ts";
import { type EndpointRequest, takeAddresses } from "./endpoint.ts";
import { recordContainerEvent } from "./event.ts";
import { observeContainer } from "./observe.ts";

import { type PlannedAhead, type Prepared, planAhead, prepareStart } from "./prepare.ts";
import { requirePrivilege } from "./privilege.ts";
import { repairContainer } from "./repair.ts";
import { forwardSignals } from "./signal-proxy.ts";

export interface StartOptions {
  /** The record is new: it is stored in the same transaction. */
  readonly insert: boolean;
  /** Terminal client to start along with it; absent: detached. */
  readonly client?: Omit<ClientOptions, "detachKeysHex">;
  readonly detachKeys?: string;
  /** It is started again by itself: the lock is held already, and keeps its name. */
  readonly restarts?: RestartState;
}

/** The native client, to which the signals of this process go from its first moment on. */
export interface AttachedClient extends AttachedLaunch {
  readonly stopForwarding: () => void;
}

export interface Started {
  readonly record: ContainerRecord;
  /** Present when a client is attached. */
  readonly attached?: AttachedClient;
}

/** What a start of it would do now, its network's making included. */
export async function planOfStart(engine: Engine, record: ContainerRecord): Promise<Plan> {
  const [volumes, ahead] = [await prepareVolumesOf(engine, record), await planAhead(engine, record)];
  const networks = await Promise.all(
    record.spec.attachments.map(async (attachment) => ({ attachment, ...(await planEnsureNetwork(engine, attachment.network)) })),
  );
  const requests = networks.map(({ attachment, spec }) => ({ attachment, network: { id: "", createdMs: 0, appliedBoot: "", spec } }));
  const prepared = prepareStart(engine, record, requests, ahead);
  // The networks stay when the container ends: in a script nothing of them is undone.
  const lasting = { steps: networks.flatMap(({ plan }) => plan.steps).map(({ step, because }) => ({ step, because })) };
  return joinPlans(lasting, volumes?.plan ?? { steps: [] }, prepared.plan);
}

/** Starts a container. Returns undefined after a dry run. Throws conflict when it runs already or is being worked on. */
export async function startContainer(engine: Engine, record: ContainerRecord, options: StartOptions): Promise<Started | undefined> {
  requirePrivilege();
  if (engine.mode.dryRun) {
    engine.show(await planOfStart(engine, record));
    return undefined;
  }
  const ahead = await planAhead(engine, record);
  const detachKeysHex = parseDetachKeys(options.detachKeys ?? record.spec.detachKeys);
  const requests: EndpointRequest[] = [];
  for (const attachment of record.spec.attachments) requests.push({ attachment, network: await ensureNetwork(engine, attachment.network) });
  engine.timings.mark("network ready");
  // Who starts it again by itself has just cleaned up, and keeps the lock: a second time would let go of it.
  if (!options.insert && !options.restarts) await repairContainer(engine, record.id, { takeOver: true });
  keepReserve(engine.root);
  const volumes = await prepareVolumesOf(engine, record);
  const prepared = recordStart(engine, record, requests, ahead, options);
  if (options.insert) recordContainerEvent(engine, record, "create");
  engine.timings.mark("plan made and journalled");
  for (const warning of [...prepared.warnings, ...(options.insert ? discardedPorts(record.spec) : [])]) engine.warn(warning);
  warnUnpublished(engine, record, requests);
  engine.show(volumes ? joinPlans(volumes.plan, prepared.plan) : prepared.plan);
  let stopForwarding = () => {};
  try {
    await volumes?.make({ starting: true });
    await engine.apply({ steps: prepared.plan.steps.filter((planned) => planned.step.kind !== "sandbox.start") });
    writeOperations(prepared.directory.plan, prepared.operations);
    const client = options.client;
    // Its monitor tells that it has started.
    if (client) recordContainerEvent(engine, record, "attach");
    for (const { network } of requests) recordNetworkEvent(engine, network, "connect", record.id);
    recordModeEvent(engine, record.spec.network, "connect", record.id);
    if (!client) {
      await checkReport(engine, record, launchDetached(prepared.directory.plan));
      if (!options.insert && prepared.run.endpoints.length > 0) (await import("./link-refresh.ts")).refreshLinkers(engine, record.id);
      giveBackLock(engine, record.id);
      engine.timings.mark("sandbox started");
      return { record };
    }
    let child: ChildProcess | undefined;
    // Ahead of the client, which has made the container by the time that this process goes on: a signal in between would end this one.
    if (client.passSignals !== false) stopForwarding = forwardSignals(() => child);
    const attached = launchAttached(prepared.directory.plan, { ...client, detachKeysHex });
    child = attached.child;
    attached.exited.catch(() => {});
    await checkReport(engine, record, await attached.report);
    if (!options.insert && prepared.run.endpoints.length > 0) (await import("./link-refresh.ts")).refreshLinkers(engine, record.id);
    giveBackLock(engine, record.id);
    engine.timings.mark("sandbox started");
    return { record, attached: { ...attached, stopForwarding } };
  } catch (error) {
    stopForwarding();
    await abandonStart(engine, record, error);
    throw error;
  }
}

/** One transaction: lock, leases, journal, run record; so that a kill at any later instant can be undone. */
function recordStart(
  engine: Engine,
  record: ContainerRecord,
  requests: readonly EndpointRequest[],
  ahead: PlannedAhead,
  { insert, restarts }: StartOptions,
): Prepared {
  const { store } = engine;
  return store.transaction(() => {
    if (insert) storeContainer(engine, record);
    else refuseRunning(engine, record);
    takeLock(engine, record.id, restarts ? restartOperation : startOperation, `container ${record.name}`);
    for (const { network } of requests) refuseRemoved(engine, network.spec.name);
    const prepared = prepareStart(engine, record, requests, ahead, restarts);
    for (const endpoint of prepared.run.endpoints) {
      takeAddresses(store, record, endpoint);
      for (const port of endpoint.ports)
        takePort(store, { protocol: port.protocol, hostIp: port.hostIp, hostPort: port.hostPort, container: record.id });
    }
    writeJournal(store, record.id, prepared.undo);
    updateContainerState(store, record.id, { run: prepared.run });
    // A clean-up that was killed after its last transaction has left them: an old `exit` would say that the new run has ended.
    if (!insert) removeMonitorFile(prepared.directory.path);
    return prepared;
  });
}

/**
 * The container runs, and may have filled the disk by now: that does not undo its start. A lock that stays is free when this
 * process has ended.
 */
function giveBackLock(engine: Engine, id: string): void {
  try {
    freeingWrite(engine.root, () => releaseLock(engine, id));
  } catch (error) {
    if (!(error instanceof TsnsError && error.code === "disk-full")) throw error;
  }
}

/** Ports that no network of it takes in. */
function warnUnpublished(engine: Engine, { spec }: ContainerRecord, requests: readonly EndpointRequest[]): void {
  if (requests.length === 0 || (spec.ports.length === 0 && !spec.publishAll)) return;
  if (requests.some(({ network }) => !network.spec.internal && (network.spec.driver ?? "bridge") === "bridge")) return;
  const [first] = requests;
  const why = first?.network.spec.internal ? "internal" : `${first?.network.spec.driver}`;
  engine.warn(`network ${first?.network.spec.name} is ${why}: no port is published`);
}

/** The network may have gone since it was made sure of. */
export function refuseRemoved(engine: Engine, name: string): void {
  const network = getNetwork(engine.store, name);
  if (network && !network.pending) return;
  throw new TsnsError("conflict", "network-removed", `network ${name} is being removed`, { hint: "try again", exitCode: 125 });
}

/** As it is now: since `record` was read, before the lock was held, another command may have started it. */
function refuseRunning(engine: Engine, record: ContainerRecord): void {
  if (isLive(observeContainer(engine, getContainer(engine.store, record.id) ?? record))) {
    throw new TsnsError("conflict", "already-running", `container ${record.name} is already running`, {
      hint: `tsns attach ${record.name} joins it`,
    });
  }
}

async function checkReport(engine: Engine, { id, spec }: ContainerRecord, report: SandboxReport): Promise<void> {
  if (report.outcome === "failed") {
    const { bundle } = containerDirectory(engine.root, id);
    if (report.operation.startsWith("runtime-")) throw (await import("./other-failure.ts")).errorOfRuntime(report, spec, bundle);
    throw (await import("../../kernel/sandbox/failure.ts")).errorOfFailure(report);
  }
  for (const warning of report.warnings) engine.warn(`${warning.operation} ${warning.detail}: ${warning.errno}, going on without it`);
}

/**
 * Takes back what a failed start has made. With --rm the container goes, else it keeps the error and docker's exit code: 128 for what is not
 * the command's fault. One that has never run stays "created".
 */
async function abandonStart(engine: Engine, record: ContainerRecord, error: unknown): Promise<void> {
  const isCommands = error instanceof TsnsError && (error.exitCode === 126 || error.exitCode === 127);
  const exitCode = isCommands ? error.exitCode : 128;
  const finishedMs = record.exit?.finishedMs ? Date.now() : 0;
  const message = error instanceof Error ? error.message : String(error);
  await cleanUp(engine, record.id, { exit: { exitCode, signal: 0, finishedMs, oomKilled: false, error: message } });
}
