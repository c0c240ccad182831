// Use case: a container joins a network. One that runs gets a link there and then: lease, record and journal first, so that a kill at any later
// instant can be taken back; any other joins at its next start.
import type { ContainerRecord } from "../../container/record.ts";
import type { NetworkAttachment } from "../../container/spec/network.ts";
import { familyOfText, parseIp } from "../../network/ip.ts";
import { linkRemoval, placeKey, planJoin, portAdditions, portRemovals, relaySteps } from "../../network/live-plan.ts";
import { checkAsked } from "../../network/pool.ts";
import { type Plan, undoOf } from "../../plan/plan.ts";
import { findContainer, getContainer, updateContainerSpec } from "../../store/container-record.ts";
import { deleteJournal, readJournal, writeJournal } from "../../store/journal.ts";
import type { NetworkRecord } from "../../store/network-record.ts";
import { freeingWrite } from "../../store/reserve.ts";
import { containerDirectory } from "../container/directory.ts";
import { chooseEndpoint, hostHasIpv6, inputOf, takeAddresses } from "../container/endpoint.ts";
import { enableNames, hasNames } from "../container/name-service.ts";
import { type Observation, observeContainer } from "../container/observe.ts";
import { requirePrivilege } from "../container/privilege.ts";
import { repairContainer } from "../container/repair.ts";
import { refuseRemoved } from "../container/start.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { ensureNetwork, planEnsureNetwork } from "./ensure.ts";
import { recordNetworkEvent } from "./event.ts";
import { hostsSteps, leaveNetwork, settleBefore } from "./leave.ts";
import { asCommand, refuseMember, refuseMode } from "./member.ts";
import { type Arrangement, arrangePorts, journalWithout, placesOfRun, recordPlaces } from "./membership.ts";
import { changeOwner } from "./owner.ts";

/** What the command asks for; containers of links by name or id. */
export async function connectNetwork(engine: Engine, container: string, asked: NetworkAttachment): Promise<void> {
  try {
    await connect(engine, findContainer(engine.store, container), asked);
  } catch (error) {
    throw asCommand(error);
  }
}

async function connect(engine: Engine, { id }: ContainerRecord, asked: NetworkAttachment): Promise<void> {
  await settleBefore(engine, id);
  const observed = observeById(engine, id);
  refuseMode(observed.record, asked.network);
  const isLive = observed.status === "running";
  const { spec, plan } = await planEnsureNetwork(engine, asked.network);
  const links = asked.links?.map((link) => ({ ...link, container: findContainer(engine.store, link.container).id }));
  const attachment: NetworkAttachment = { ...asked, network: spec.name, ...(links ? { links } : {}) };
  refuseMember(observed.record, spec.name);
  for (const text of [attachment.ipv4, attachment.ipv6])
    if (text !== undefined && parseIp(text))
      checkAsked(
        spec.name,
        spec.pools.filter(({ subnet }) => familyOfText(subnet) === familyOfText(text)),
        text,
      );
  if (engine.mode.dryRun) {
    const network: NetworkRecord = { id: "", createdMs: 0, appliedBoot: "", spec };
    const own = isLive ? design(engine, observed, network, attachment).plan : recordPlan(observed.record, spec.name);
    engine.show({ steps: [...(isLive ? plan.steps : []), ...own.steps] });
    return;
  }
  if (isLive) requirePrivilege("network connections", 1);
  const network = isLive ? await ensureNetwork(engine, spec.name) : undefined;
  try {
    await withLock(engine, id, "network connect", async () => {
      const current = observeById(engine, id);
      refuseMember(current.record, spec.name);
      if (current.status !== "running") return joinLater(engine, current.record, attachment);
      await joinNow(engine, id, network ?? (await ensureNetwork(engine, spec.name)), attachment);
    });
  } finally {
    // Its end has found the lock held.
    if (isLive && getContainer(engine.store, id) && observeById(engine, id).status !== "running") await repairContainer(engine, id);
  }
}

function observeById(engine: Engine, id: string): Observation {
  return observeContainer(engine, getContainer(engine.store, id) ?? findContainer(engine.store, id));
}

const recordPlan = ({ id, name }: ContainerRecord, network: string): Plan => ({
  steps: [{ step: { kind: "record.put", container: id, name }, because: `it joins network ${network} when it starts` }],
});

/** One that does not run. */
function joinLater(engine: Engine, record: ContainerRecord, attachment: NetworkAttachment): void {
  engine.show(recordPlan(record, attachment.network));
  const attachments = [...record.spec.attachments, attachment];
  freeingWrite(engine.root, () => updateContainerSpec(engine.store, record.id, { ...record.spec, attachments }));
}

interface Design extends Arrangement {
  readonly plan: Plan;
  /** The container with the new attachment. */
  readonly record: ContainerRecord;
  readonly key: string;
}

/** Chooses the place and plans it; call inside the transaction that records it. */
function design(engine: Engine, { record: before, pid }: Observation, network: NetworkRecord, attachment: NetworkAttachment): Design {
  const present = placesOfRun(engine, before);
  const taken = present.map(({ endpoint }) => endpoint.link);
  const endpoint = chooseEndpoint(engine, before.id, { network, attachment }, { startedMs: Date.now(), taken });
  const record = { ...before, spec: { ...before.spec, attachments: [...before.spec.attachments, attachment] } };
  const arrangement = arrangePorts(engine, record, [...present, { network, attachment, endpoint }]);
  const inputs = arrangement.places.map((place) => inputOf(record.spec, place));
  const joining = inputs.find((input) => placeKey(input.endpoint) === placeKey(endpoint));
  const owner = before.id.slice(0, 12);
  const hadNames = hasNames(present.map((place) => place.endpoint.network));
  const steps = [
    ...portRemovals(arrangement.from, owner),
    ...(joining ? planJoin(joining, { namespace: `/proc/${pid}/ns/net`, places: inputs, hasIpv6: hostHasIpv6() }) : []),
    ...relaySteps(containerDirectory(engine.root, before.id).path, arrangement.from, arrangement.to),
    ...portAdditions(arrangement.to, owner),
    ...hostsSteps(
      engine,
      before,
      arrangement.places.map((place) => place.endpoint),
    ),
    ...(!hadNames && hasNames([network.spec.name]) ? enableNames(engine, record) : []),
  ];
  return { ...arrangement, record, key: placeKey(endpoint), plan: { steps } };
}

/** One that runs: recorded, then made; what fails is taken back. */
async function joinNow(engine: Engine, id: string, network: NetworkRecord, attachment: NetworkAttachment): Promise<void> {
  const { store } = engine;
  const owner = id.slice(0, 12);
  const designed = store.transaction(() => {
    const observed = observeById(engine, id);
    refuseMember(observed.record, network.spec.name);
    refuseRemoved(engine, network.spec.name);
    const made = design(engine, observed, network, attachment);
    const endpoints = made.places.map(({ endpoint }) => endpoint);
    const endpoint = endpoints.find((each) => placeKey(each) === made.key);
    if (endpoint) takeAddresses(store, made.record, endpoint);
    // What outlives the container is undone at its end, too.
    const undo = [
      ...portRemovals(made.to, owner).map(({ step }) => step),
      ...undoOf(made.plan).filter((step) => step.kind === "link.remove" && step.name !== made.key),
    ];
    writeJournal(store, id, [...undo, ...(readJournal(store, id) ?? [])]);
    recordPlaces(engine, observed.record, endpoints, made.record.spec.attachments);
    if (endpoint) writeJournal(store, changeOwner(id), [linkRemoval(endpoint, `/proc/${observed.pid}/ns/net`)]);
    return made;
  });
  engine.show(designed.plan);
  try {
    await engine.apply(designed.plan);
  } catch (error) {
    await takeBackJoin(engine, id, network.spec.name);
    throw error;
  }
  store.transaction(() => {
    deleteJournal(store, changeOwner(id));
    if (designed.from && readJournal(store, id)) writeJournal(store, id, journalWithout(engine, id, designed.from));
  });
  recordNetworkEvent(engine, network, "connect", id);
}

async function takeBackJoin(engine: Engine, id: string, network: string): Promise<void> {
  try {
    await leaveNetwork(engine, id, network);
  } catch (fault) {
    engine.warn(`not everything could be undone: ${fault instanceof Error ? fault.message : fault}`);
  }
}
