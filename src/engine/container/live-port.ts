// Ports of a container that runs already: published and taken back. Lease, rule, journal and record change together; the end of the run undoes them
// like those it was started with. Connections that are open stay as they are.
import { TsnsError } from "../../base/error.ts";
import type { ContainerRecord } from "../../container/record.ts";
import { namesOfBridge } from "../../network/name.ts";
import { parsePort, renderPort } from "../../network/port.ts";
import { changeRules, portRules } from "../../network/rule.ts";
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
import { describeRunning } from "./find.ts";
import { observeContainer } from "./observe.ts";
import { choosePorts } from "./published-port.ts";

interface Place {
  readonly record: ContainerRecord;
  readonly endpoint: Endpoint;
  readonly network: NetworkRecord;
}

/** Throws conflict unless it runs, unsupported when no port of it can be published. */
function findPlace(engine: Engine, reference: string): Place {
  const { record } = describeRunning(engine, reference);
  const [endpoint] = record.run?.endpoints ?? [];
  const network = endpoint && getNetwork(engine.store, endpoint.network);
  if (endpoint && network && !network.spec.internal) return { record, endpoint, network };
  const why = network ? `its network ${network.spec.name} is internal` : "it is on no network of its own";
  throw new TsnsError("unsupported", "no-publishing", `no port of ${record.name} can be published: ${why}`, {
    hint: "run it on a bridge network: --network bridge",
  });
}

const commentOf = (record: ContainerRecord): string => record.id.slice(0, 12);

function ruleStep(change: "rule.append" | "rule.remove", { record, endpoint, network }: Place, ports: readonly PortSpec[]): Step {
  const rules = portRules(ports, endpoint.ipv4?.address ?? "", namesOfBridge(network.spec.bridge), commentOf(record));
  return { kind: "rule.apply", transaction: changeRules(change, rules) };
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
    engine.show(planAdd(place, choosePorts(engine, asked)));
    return undefined;
  }
  return withLock(engine, record.id, "port add", async () => {
    const { place, ports, plan } = engine.store.transaction(() => {
      const found = findPlace(engine, record.id);
      const chosen = choosePorts(engine, asked);
      const planned = planAdd(found, chosen);
      for (const { protocol, hostIp, hostPort } of chosen) takePort(engine.store, { protocol, hostIp, hostPort, container: record.id });
      writeJournal(engine.store, record.id, [ruleStep("rule.remove", found, chosen), ...(readJournal(engine.store, record.id) ?? [])]);
      setPorts(engine, found, [...found.endpoint.ports, ...chosen]);
      return { place: found, ports: chosen, plan: planned };
    });
    engine.show(plan);
    try {
      await engine.apply(plan);
      if (observeContainer(engine, record).status !== "running") throw endedMeanwhile(record);
    } catch (error) {
      await performUndo(engine, [ruleStep("rule.remove", place, ports)]);
      forgetPorts(engine, place, ports);
      throw error;
    }
    return ports;
  });
}

function planAdd(place: Place, ports: readonly PortSpec[]): Plan {
  const step = ruleStep("rule.append", place, ports);
  const published: PlannedStep = { step, because: `packets to ${ports.map(renderPort).join(", ")} go to the container` };
  return { steps: [...(place.endpoint.ports.length === 0 ? [hairpinStep(place, true)] : []), published] };
}

function endedMeanwhile(record: ContainerRecord): TsnsError {
  return new TsnsError("conflict", "not-running", `container ${record.name} has ended meanwhile`, { hint: `tsns start ${record.name}` });
}

/** Of the run as it is recorded now; none is recorded after its end. */
function setPorts(engine: Engine, { record }: Place, ports: readonly PortSpec[]): void {
  const current = getContainer(engine.store, record.id);
  const [endpoint, ...others] = current?.run?.endpoints ?? [];
  if (!current?.run || !endpoint) return;
  updateContainerState(engine.store, record.id, {
    run: { ...current.run, endpoints: [{ ...endpoint, ports }, ...others] },
    ...(current.exit ? { exit: current.exit } : {}),
  });
}

const isSame = (one: PortSpec, other: PortSpec): boolean =>
  one.protocol === other.protocol &&
  one.hostIp === other.hostIp &&
  one.hostPort === other.hostPort &&
  one.containerPort === other.containerPort;

/** Lease, record and journal without these ports, in one transaction. */
function forgetPorts(engine: Engine, place: Place, ports: readonly PortSpec[]): void {
  const { store } = engine;
  const gone = JSON.stringify(ruleStep("rule.remove", place, ports));
  store.transaction(() => {
    for (const { protocol, hostIp, hostPort } of ports) releasePort(store, { protocol, hostIp, hostPort, container: place.record.id });
    const [endpoint] = getContainer(store, place.record.id)?.run?.endpoints ?? [];
    if (endpoint)
      setPorts(
        engine,
        place,
        endpoint.ports.filter((port) => !ports.some((other) => isSame(port, other))),
      );
    const journal = readJournal(store, place.record.id);
    if (journal)
      writeJournal(
        store,
        place.record.id,
        journal.filter((step) => JSON.stringify(step) !== gone),
      );
  });
}

/** The ports that are published no more; undefined after a dry run. Throws not-found `port-not-published`. */
export async function removePorts(engine: Engine, reference: string, texts: readonly string[]): Promise<readonly PortSpec[] | undefined> {
  const asked = texts.map((text) => ({ text, ports: parsePort(text) }));
  const { record } = findPlace(engine, reference);
  const choose = (place: Place) => [...new Set(asked.flatMap(({ text, ports }) => ports.flatMap((port) => matching(place, port, text))))];
  if (engine.mode.dryRun) {
    const place = findPlace(engine, reference);
    engine.show(planRemove(place, choose(place)));
    return undefined;
  }
  return withLock(engine, record.id, "port rm", async () => {
    const place = findPlace(engine, record.id);
    const ports = choose(place);
    const plan = planRemove(place, ports);
    engine.show(plan);
    // killed in between, the record still says they are published: the end of the run, or the command again, removes them
    await engine.apply(plan);
    forgetPorts(engine, place, ports);
    return ports;
  });
}

function planRemove(place: Place, ports: readonly PortSpec[]): Plan {
  const step = ruleStep("rule.remove", place, ports);
  const isLast = place.endpoint.ports.length === ports.length;
  const removed: PlannedStep = { step, because: `${ports.map(renderPort).join(", ")} is published no more` };
  return { steps: [removed, ...(isLast ? [hairpinStep(place, false)] : [])] };
}

/** Published ports that a specification names: without a host port, all of the container's port. */
function matching({ record, endpoint }: Place, asked: PortSpec, text: string): readonly PortSpec[] {
  const found = endpoint.ports.filter(
    (port) =>
      port.protocol === asked.protocol &&
      port.containerPort === asked.containerPort &&
      (asked.hostPort === 0 || port.hostPort === asked.hostPort) &&
      (!text.replace(/\/.*/, "").includes(":") || asked.hostIp === "0.0.0.0" || port.hostIp === asked.hostIp),
  );
  if (found.length > 0) return found;
  throw new TsnsError("not-found", "port-not-published", `no public port '${text}' published for ${record.name}`, {
    hint: `tsns port ${record.name} lists them`,
  });
}
