// A container's places on networks as the store has them, and how a change of them while it runs is recorded: address and port leases, the run's
// places, its journal, and a journal of the change itself, which says that it was cut off. Nothing of the kernel.

import type { ContainerRecord } from "../../container/record.ts";
import { portsToPublish } from "../../network/expose.ts";
import { ownNames } from "../../network/file.ts";
import { familyOfText } from "../../network/ip.ts";
import type { PublishedPlace } from "../../network/live-plan.ts";
import { namesOfBridge } from "../../network/name.ts";
import { anyAddress, bindPort, everyAddress, hasFamily, portsConflict } from "../../network/port.ts";
import { relayRelease } from "../../network/port-relay.ts";
import { flushSteps } from "../../network/rule-plan.ts";
import { addressesOf, type Endpoint, type PortSpec, portsOf } from "../../network/spec.ts";
import type { Step } from "../../plan/step.ts";
import { updateContainerSpec, updateContainerState } from "../../store/container-record.ts";
import { readJournal } from "../../store/journal.ts";
import { listPortLeases, releasePort, takePort } from "../../store/lease.ts";
import { getNetwork } from "../../store/network-record.ts";
import { type Place, publishedSide, publishingNetwork } from "../container/endpoint.ts";
import { fullName, hostLines } from "../container/generated-file.ts";
import { choosePorts } from "../container/published-port.ts";
import type { Engine } from "../engine.ts";

/** The places of the run under way, with their networks. */
export function placesOfRun(engine: Engine, { run, spec }: ContainerRecord): readonly Place[] {
  return (run?.endpoints ?? []).flatMap((endpoint) => {
    const network = getNetwork(engine.store, endpoint.network);
    const attachment = spec.attachments.find((one) => one.network === endpoint.network) ?? { network: endpoint.network };
    return network ? [{ network, attachment, endpoint }] : [];
  });
}

/** Places after a change, and what of the published ports moves with it. */
export interface Arrangement {
  readonly places: readonly Place[];
  readonly from?: PublishedPlace;
  readonly to?: PublishedPlace;
}

const published = ({ network, endpoint }: Place, ports: readonly PortSpec[]): PublishedPlace => ({
  endpoint,
  network: network.spec,
  names: namesOfBridge(network.spec.bridge),
  ports,
});

/**
 * What a place takes of ports that were published elsewhere, with their host ports: those of its families, and of ports that were asked for on
 * every address both, as far as nobody else has them.
 */
function served(engine: Engine, { id, spec }: ContainerRecord, place: Place, ports: readonly PortSpec[]): readonly PortSpec[] {
  const side = publishedSide(place);
  const others = listPortLeases(engine.store).filter(({ container }) => container !== id);
  const isTaken = (port: PortSpec) =>
    others.some(({ protocol, hostIp, hostPort }) => protocol === port.protocol && portsConflict({ ...port, hostIp, hostPort }, port));
  const isEverywhere = ({ hostIp, containerPort, protocol }: PortSpec) =>
    (hostIp === anyAddress || hostIp === "::") &&
    spec.ports.some((asked) => asked.hostIp === everyAddress && asked.containerPort === containerPort && asked.protocol === protocol);
  const bound = ports.flatMap((port) =>
    isEverywhere(port)
      ? bindPort({ ...port, hostIp: everyAddress }, side).filter((one) => !isTaken(one))
      : [port].filter(({ hostIp }) => hasFamily(port, side, familyOfText(hostIp))),
  );
  return [...new Map(bound.map((port) => [JSON.stringify(port), port])).values()];
}

/**
 * Where the ports are published among these places; `leaving` is the one that goes. Ports that no place could take so far are chosen now: call
 * it inside the transaction that takes their leases.
 */
export function arrangePorts(engine: Engine, record: ContainerRecord, places: readonly Place[], leaving?: Place): Arrangement {
  const target = places.find(({ endpoint }) => endpoint.network === publishingNetwork(places));
  const holder = [...places, ...(leaving ? [leaving] : [])].find(({ endpoint }) => endpoint.ports.length > 0);
  if (holder && holder === target) return { places };
  const held = holder?.endpoint.ports ?? [];
  const ports = !target
    ? []
    : holder
      ? served(engine, record, target, held)
      : choosePorts(engine, portsToPublish(record.spec), publishedSide(target));
  const portsAt = (place: Place): readonly PortSpec[] => (place === target ? ports : []);
  return {
    places: places.map((place) => ({ ...place, endpoint: { ...place.endpoint, ports: portsAt(place) } })),
    ...(holder ? { from: published(holder, held) } : {}),
    ...(target && ports.length > 0 ? { to: published({ ...target, endpoint: { ...target.endpoint, ports } }, ports) } : {}),
  };
}

/** The record's places and attachments as they are now; the leases of ports follow. Call inside a transaction. */
export function recordPlaces(
  engine: Engine,
  record: ContainerRecord,
  endpoints: readonly Endpoint[],
  attachments: ContainerRecord["spec"]["attachments"],
): void {
  const { store } = engine;
  if (!record.run) return;
  const lease = ({ protocol, hostIp, hostPort }: PortSpec) => ({ protocol, hostIp, hostPort, container: record.id });
  const keyOf = (port: PortSpec) => JSON.stringify(lease(port));
  const [before, after] = [portsOf(record.run.endpoints), portsOf(endpoints)];
  const kept = new Set(after.map(keyOf));
  const had = new Set(before.map(keyOf));
  for (const port of before) if (!kept.has(keyOf(port))) releasePort(store, lease(port));
  for (const port of after) if (!had.has(keyOf(port))) takePort(store, lease(port));
  updateContainerSpec(store, record.id, { ...record.spec, attachments });
  updateContainerState(store, record.id, { run: { ...record.run, endpoints }, ...(record.exit ? { exit: record.exit } : {}) });
}

/** The journal of the run without the rules of ports at a place, and their relay. */
export function journalWithout(engine: Engine, id: string, place: PublishedPlace | undefined): readonly Step[] {
  const journal = readJournal(engine.store, id) ?? [];
  if (!place) return journal;
  const { dnatChain, portChain } = place.names;
  const gone = [relayRelease(place.endpoint, place.ports), ...flushSteps(place.endpoint, place.ports).map(({ step }) => step)];
  return journal.filter(
    (step) =>
      !gone.some((other) => isSameStep(step, other)) &&
      (step.kind !== "rule.apply" ||
        !step.transaction.changes.every((change) => "rule" in change && [dnatChain, portChain].includes(change.rule.chain))),
  );
}

const isSameStep = (one: Step, other: Step | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);

/** /etc/hosts as it is, with the lines of places that went taken out and those of new ones added; the user's lines stay. */
export function changeHosts(record: ContainerRecord, text: string, before: readonly Endpoint[], after: readonly Endpoint[]): string {
  const names = ownNames(fullName(record.spec)).join(" ");
  const linesOf = (endpoints: readonly Endpoint[]) => [
    ...hostLines(record, endpoints).map(([known, address]) => `${address}\t${known}`),
    ...endpoints.flatMap(addressesOf).map((address) => `${address}\t${names}`),
  ];
  const [old, now] = [linesOf(before), linesOf(after)];
  const kept = text.split("\n").filter((line) => !old.includes(line) || now.includes(line));
  const added = now.filter((line) => !kept.includes(line));
  return `${[...kept.filter((line, at) => line !== "" || at < kept.length - 1), ...added].join("\n")}\n`;
}
