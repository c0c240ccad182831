// Ports of a container that runs already: published and taken back. Lease, rule, journal and record change together; the end of the run undoes them
// like those it was started with. Connections that are open stay as they are.
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { publishingPlace } from "../../network/gateway.ts";
import { namesOfBridge } from "../../network/name.ts";
import { everyAddress, parsePort } from "../../network/port.ts";
import { renderPortColumn } from "../../network/port-column.ts";
import { isRelayRelease, relayChange, relayRelease } from "../../network/port-relay.ts";
import { changePorts } from "../../network/rule.ts";
import { flushSteps } from "../../network/rule-plan.ts";
import type { Endpoint, PortSpec } from "../../network/spec.ts";
import type { Plan, PlannedStep } from "../../plan/plan.ts";
import type { Step } from "../../plan/step.ts";
import { getContainer, updateContainerState } from "../../store/container-record.ts";
import { readJournal, writeJournal } from "../../store/journal.ts";
import { releasePort, takePort } from "../../store/lease.ts";
import { getNetwork, type NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { withLock } from "../lock.ts";
import { performUndo } from "../undo.ts";
import { containerDirectory } from "./directory.ts";
import { publishedSide } from "./endpoint.ts";
import { describeRunning } from "./find.ts";
import { observeContainer } from "./observe.ts";
import { choosePorts } from "./published-port.ts";

interface Place {
  readonly record: ContainerRecord;
  readonly endpoint: Endpoint;
  readonly network: NetworkRecord;
}

/** The place that has published ports, or would get them. Throws conflict unless it runs, unsupported when no port of it can be published. */
function findPlace(engine: Engine, reference: string): Place {
  const { record } = describeRunning(engine, reference);
  const places = (record.run?.endpoints ?? []).flatMap((endpoint) => {
    const network = getNetwork(engine.store, endpoint.network);
    const attachment = record.spec.attachments.find((candidate) => candidate.network === endpoint.network);
    return network ? [{ record, endpoint, network, ...network.spec, gatewayPriority: attachment?.gatewayPriority ?? 0 }] : [];
  });
  const found = places.find(({ endpoint }) => endpoint.ports.length > 0) ?? publishingPlace(places);
  if (found) return { record, endpoint: found.endpoint, network: found.network };
  const [first] = places;
  const why = first
    ? `its network ${first.network.spec.name} is ${first.internal ? "internal" : `of driver ${first.driver}`}`
    : "it is on no network of its own";
  throw new TsnsError("unsupported", "no-publishing", `no port of ${record.name} can be published: ${why}`, {
    hint: "run it on a bridge network: --network bridge",
  });
}

const commentOf = (record: ContainerRecord): string => record.id.slice(0, 12);

/** The steps from one set of published ports to another. */
function ruleSteps({ record, endpoint, network }: Place, before: readonly PortSpec[], after: readonly PortSpec[]): readonly Step[] {
  const { gatewayMode, bridge } = network.spec;
  const place = { endpoint, ...(gatewayMode ? { gatewayMode } : {}) };
  const transactions = changePorts(before, after, place, namesOfBridge(bridge), commentOf(record));
  return transactions.map((transaction) => ({ kind: "rule.apply", transaction }));
}

/** What tells the monitor: before the rules that lead there, after they have gone. */
function relaySteps(engine: Engine, { record, endpoint }: Place, before: readonly PortSpec[], after: readonly PortSpec[]): readonly Step[] {
  const operation = relayChange(endpoint, before, after);
  return operation ? [{ kind: "ports.relay", directory: containerDirectory(engine.root, record.id).path, operation }] : [];
}

const plannedSteps = (steps: readonly Step[], because: string): readonly PlannedStep[] => steps.map((step) => ({ step, because }));

const relayed6 = "its monitor passes on what comes to published ports by IPv6";

/** The journal with what takes these ports' rules away, instead of what took away those of others. */
function writeUndo(engine: Engine, place: Place, ...sets: readonly (readonly PortSpec[])[]): void {
  const id = place.record.id;
  const journal = readJournal(engine.store, id);
  if (!journal) return;
  const { dnatChain, portChain } = namesOfBridge(place.network.spec.bridge);
  const isOfPorts = (step: Step) =>
    step.kind === "rule.apply" &&
    step.transaction.changes.every((change) => "rule" in change && [dnatChain, portChain].includes(change.rule.chain));
  const removal = sets.flatMap((ports) => ruleSteps(place, ports, []));
  const release = relayRelease(place.endpoint, sets.flat());
  const others = journal.filter((step) => !isOfPorts(step) && !isRelayRelease(step));
  writeJournal(engine.store, id, [...removal, ...(release ? [release] : []), ...others]);
}

const hairpinStep = ({ endpoint }: Place, isOn: boolean): PlannedStep => ({
  step: { kind: "port.set", name: endpoint.hostLink, option: "hairpin", value: isOn ? 1 : 0 },
  because: isOn
    ? "where bridged packets pass iptables, it reaches its own published port by the bridge port it came from"
    : "nothing of it is published any more",
});

/** The ports as they are published; undefined after a dry run. Throws invalid `bad-port`, conflict `port-taken`. */
export async function addPorts(engine: Engine, reference: string, texts: readonly string[]): Promise<readonly PortSpec[] | undefined> {
  const asked = texts.flatMap(parsePort);
  const { record } = findPlace(engine, reference);
  if (engine.mode.dryRun) {
    const place = findPlace(engine, reference);
    engine.show(planAdd(engine, place, choosePorts(engine, asked, publishedSide(place))));
    return undefined;
  }
  return withLock(engine, record.id, "port add", async () => {
    const { place, ports, plan } = engine.store.transaction(() => {
      const found = findPlace(engine, record.id);
      const chosen = choosePorts(engine, asked, publishedSide(found));
      const planned = planAdd(engine, found, chosen);
      for (const { protocol, hostIp, hostPort } of chosen) takePort(engine.store, { protocol, hostIp, hostPort, container: record.id });
      const all = [...found.endpoint.ports, ...chosen];
      // Ports in a row are one rule: after a kill either set may be there.
      writeUndo(engine, found, found.endpoint.ports, all);
      setPorts(engine, found, all);
      return { place: found, ports: chosen, plan: planned };
    });
    engine.show(plan);
    try {
      await engine.apply(plan);
      if (observeContainer(engine, record).status !== "running") throw endedMeanwhile(record);
    } catch (error) {
      const [before, after] = [place.endpoint.ports, [...place.endpoint.ports, ...ports]];
      // One that has ended has taken its relay along.
      const isThere = observeContainer(engine, record).status === "running";
      await performUndo(engine, [...ruleSteps(place, after, before), ...(isThere ? relaySteps(engine, place, after, before) : [])]);
      forgetPorts(engine, place, ports);
      throw error;
    }
    writeUndo(engine, place, [...place.endpoint.ports, ...ports]);
    return ports;
  });
}

function planAdd(engine: Engine, place: Place, ports: readonly PortSpec[]): Plan {
  const { ports: before } = place.endpoint;
  const because = `packets to ${renderPortColumn(ports)} go to the container`;
  const published = plannedSteps(ruleSteps(place, before, [...before, ...ports]), because);
  const relayed = plannedSteps(relaySteps(engine, place, before, [...before, ...ports]), relayed6);
  const flush = flushSteps({}, ports);
  return { steps: [...(before.length === 0 ? [hairpinStep(place, true)] : []), ...relayed, ...published, ...flush] };
}

function endedMeanwhile(record: ContainerRecord): TsnsError {
  return new TsnsError("conflict", "not-running", `container ${record.name} has ended meanwhile`, { hint: `tsns start ${record.name}` });
}

/** Of the run as it is recorded now; none is recorded after its end. */
function setPorts(engine: Engine, { record, endpoint: { network } }: Place, ports: readonly PortSpec[]): void {
  const current = getContainer(engine.store, record.id);
  if (!current?.run) return;
  const endpoints = current.run.endpoints.map((endpoint) => (endpoint.network === network ? { ...endpoint, ports } : endpoint));
  updateContainerState(engine.store, record.id, { run: { ...current.run, endpoints }, ...(current.exit ? { exit: current.exit } : {}) });
}

const isSame = (one: PortSpec, other: PortSpec): boolean =>
  one.protocol === other.protocol &&
  one.hostIp === other.hostIp &&
  one.hostPort === other.hostPort &&
  one.containerPort === other.containerPort;

const without = (ports: readonly PortSpec[], gone: readonly PortSpec[]): readonly PortSpec[] =>
  ports.filter((port) => !gone.some((other) => isSame(port, other)));

/** Lease, record and journal without these ports, in one transaction. */
function forgetPorts(engine: Engine, place: Place, ports: readonly PortSpec[]): void {
  const { store } = engine;
  store.transaction(() => {
    for (const { protocol, hostIp, hostPort } of ports) releasePort(store, { protocol, hostIp, hostPort, container: place.record.id });
    const left = without(place.endpoint.ports, ports);
    setPorts(engine, place, left);
    writeUndo(engine, place, left);
  });
}

/** The ports that are published no more; undefined after a dry run. Throws not-found `port-not-published`. */
export async function removePorts(engine: Engine, reference: string, texts: readonly string[]): Promise<readonly PortSpec[] | undefined> {
  const asked = texts.map((text) => ({ text, ports: parsePort(text) }));
  const { record } = findPlace(engine, reference);
  const choose = (place: Place) => [...new Set(asked.flatMap(({ text, ports }) => ports.flatMap((port) => matching(place, port, text))))];
  if (engine.mode.dryRun) {
    const place = findPlace(engine, reference);
    engine.show(planRemove(engine, place, choose(place)));
    return undefined;
  }
  return withLock(engine, record.id, "port rm", async () => {
    const place = findPlace(engine, record.id);
    const ports = choose(place);
    const plan = planRemove(engine, place, ports);
    engine.show(plan);
    // killed in between, the record still says they are published: the end of the run, or the command again, removes them
    await engine.apply(plan);
    forgetPorts(engine, place, ports);
    return ports;
  });
}

function planRemove(engine: Engine, place: Place, ports: readonly PortSpec[]): Plan {
  const { ports: before } = place.endpoint;
  const removed = plannedSteps(ruleSteps(place, before, without(before, ports)), `${renderPortColumn(ports)} is published no more`);
  const relayed = plannedSteps(relaySteps(engine, place, before, without(before, ports)), relayed6);
  const flush = flushSteps({}, ports);
  return { steps: [...removed, ...relayed, ...flush, ...(before.length === ports.length ? [hairpinStep(place, false)] : [])] };
}

/** Published ports that a specification names: without a host port, all of the container's port. */
function matching({ record, endpoint }: Place, asked: PortSpec, text: string): readonly PortSpec[] {
  const found = endpoint.ports.filter(
    (port) =>
      port.protocol === asked.protocol &&
      port.containerPort === asked.containerPort &&
      (asked.hostPort === 0 || port.hostPort === asked.hostPort) &&
      (asked.hostIp === everyAddress || port.hostIp === asked.hostIp),
  );
  if (found.length > 0) return found;
  throw new TsnsError("not-found", "port-not-published", `no public port '${text}' published for ${record.name}`, {
    hint: `tsns port ${record.name} lists them`,
  });
}
