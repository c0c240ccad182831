// A running container leaves a network: its link goes, the default route and its published ports move to a network it is still on. Also what
// takes back a connect that was cut off, and finishes a disconnect: every part may be repeated.
import type { ContainerRecord } from "../../container/record.ts";
import { readTextIfThere } from "../../kernel/text-file.ts";
import { linkRemoval, placeKey, planRoutes, portAdditions, portRemovals, relaySteps } from "../../network/live-plan.ts";
import { heldLink } from "../../network/name.ts";
import type { Endpoint } from "../../network/spec.ts";
import type { Plan, PlannedStep } from "../../plan/plan.ts";
import { getContainer, updateContainerSpec } from "../../store/container-record.ts";
import { deleteJournal, readJournal, writeJournal } from "../../store/journal.ts";
import { releaseAddresses } from "../../store/lease.ts";
import { containerDirectory } from "../container/directory.ts";
import { inputOf, type Place } from "../container/endpoint.ts";
import { guestsOf } from "../container/guest.ts";
import { type Observation, observeContainer } from "../container/observe.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { type Arrangement, arrangePorts, changeHosts, journalWithout, placesOfRun, recordPlaces } from "./membership.ts";
import { changeOwner } from "./owner.ts";

interface Departure extends Arrangement {
  readonly record: ContainerRecord;
  readonly leaving: Endpoint;
  readonly plan: Plan;
}

/** What leaving takes; undefined when it is not there. */
export function planDeparture(engine: Engine, { record, pid }: Observation, network: string): Departure | undefined {
  const all = placesOfRun(engine, record);
  const leaving = all.find(({ endpoint }) => endpoint.network === network);
  if (!leaving) return undefined;
  const arrangement = arrangePorts(
    engine,
    record,
    all.filter((place) => place !== leaving),
    leaving,
  );
  return {
    ...arrangement,
    record,
    leaving: leaving.endpoint,
    plan: { steps: departureSteps(engine, { record, pid }, leaving, arrangement) },
  };
}

function departureSteps(
  engine: Engine,
  { record, pid }: Pick<Observation, "record" | "pid">,
  { endpoint, network }: Place,
  { places, from, to }: Arrangement,
): readonly PlannedStep[] {
  const owner = record.id.slice(0, 12);
  const held = record.spec.rate?.outBits === undefined || endpoint.hostLink === "" ? [] : [heldLink(endpoint.hostLink).name];
  const inputs = places.map((place) => inputOf(record.spec, place));
  return [
    ...portRemovals(from, owner),
    {
      step: linkRemoval(endpoint, `/proc/${pid}/ns/net`),
      because: `${endpoint.link}, the container's link to network ${network.spec.name}, goes${endpoint.hostLink === "" ? "" : " with the host's end"}`,
    },
    ...held.map((name): PlannedStep => ({ step: { kind: "link.remove", name }, because: "what it sent there waited before this link" })),
    ...planRoutes({ namespace: `/proc/${pid}/ns/net`, places: inputs }),
    // of a change that was cut off they may be there
    ...portRemovals(to, owner),
    ...relaySteps(containerDirectory(engine.root, record.id).path, from, to),
    ...portAdditions(to, owner),
    ...hostsSteps(
      engine,
      record,
      places.map((place) => place.endpoint),
    ),
  ];
}

/** The container's /etc/hosts and those of the containers in its network, in place: they are bound there. */
export function hostsSteps(engine: Engine, record: ContainerRecord, after: readonly Endpoint[]): readonly PlannedStep[] {
  return [record, ...guestsOf(engine, record)].flatMap(({ id }): readonly PlannedStep[] => {
    const path = `${containerDirectory(engine.root, id).path}/hosts`;
    const text = readTextIfThere(path);
    const fresh = text === undefined ? undefined : changeHosts(record, text, record.run?.endpoints ?? [], after);
    if (fresh === undefined || fresh === text) return [];
    const whose = id === record.id ? "the container's /etc/hosts has" : `/etc/hosts of ${id.slice(0, 12)}, which is in its network, has`;
    return [{ step: { kind: "file.write", path, text: fresh, mode: 0o644 }, because: `${whose} the addresses it has now` }];
  });
}

/** Carries a departure out; the container's lock is held. What fails is tried again by the next command that acts on its networks. */
export async function leaveNetwork(engine: Engine, id: string, network: string): Promise<boolean> {
  const { store } = engine;
  const departure = store.transaction(() => {
    const record = getContainer(store, id);
    const observed = record && observeContainer(engine, record);
    if (!observed) return undefined;
    if (observed.status !== "running") return forget(engine, observed.record, network);
    const planned = planDeparture(engine, observed, network);
    if (!planned) return undefined;
    const removals = portRemovals(planned.to, id.slice(0, 12)).map(({ step }) => step);
    writeJournal(store, id, [...removals, ...(readJournal(store, id) ?? [])]);
    writeJournal(store, changeOwner(id), [linkRemoval(planned.leaving, `/proc/${observed.pid}/ns/net`)]);
    return planned;
  });
  if (!departure) return false;
  engine.show(departure.plan);
  await engine.apply(departure.plan);
  store.transaction(() => {
    deleteJournal(store, changeOwner(id));
    const record = getContainer(store, id);
    if (!record) return;
    if (readJournal(store, id)) writeJournal(store, id, journalWithout(engine, id, departure.from));
    releaseAddresses(store, network, id);
    recordPlaces(
      engine,
      record,
      departure.places.map(({ endpoint }) => endpoint),
      record.spec.attachments.filter((attachment) => attachment.network !== network),
    );
  });
  return true;
}

/** Of a container that has ended meanwhile: its links went with it, and its clean-up undoes the rest. */
function forget({ store }: Engine, { id, spec }: ContainerRecord, network: string): undefined {
  updateContainerSpec(store, id, { ...spec, attachments: spec.attachments.filter((attachment) => attachment.network !== network) });
  deleteJournal(store, changeOwner(id));
}

/** Finishes what a killed command has left half-done, as a departure; the container's lock is held. Of one that has ended its clean-up has done it. */
export async function settlePlaces(engine: Engine, id: string): Promise<void> {
  const undo = readJournal(engine.store, changeOwner(id));
  if (!undo) return;
  const record = getContainer(engine.store, id);
  const links = undo.flatMap((step) => (step.kind === "link.remove" ? [step.name] : []));
  const endpoint = record?.run?.endpoints.find((each) => links.includes(placeKey(each)));
  if (record && endpoint && observeContainer(engine, record).status === "running") await leaveNetwork(engine, id, endpoint.network);
  else deleteJournal(engine.store, changeOwner(id));
}

/** Before a command looks at a container's networks: what a killed one left is finished, unless that is at work still. */
export async function settleBefore(engine: Engine, id: string): Promise<void> {
  if (engine.mode.dryRun || !readJournal(engine.store, changeOwner(id))) return;
  await withLock(engine, id, "network disconnect", () => settlePlaces(engine, id));
}
