// From a container's record to the plan of its start: reads what the host is, decides addresses and ports, compiles.
// Writes nothing; called inside the transaction that records what was chosen.
import type { ContainerRecord, RunRecord } from "../../container/record.ts";
import type { RestartState } from "../../container/restart.ts";
import { planSandbox, type SandboxInput } from "../../container/sandbox.ts";
import type { Confinement } from "../../container/sandbox-process.ts";
import type { BindMount, MountSpec } from "../../container/spec/storage.ts";
import { readLinkIndex } from "../../kernel/netlink/sysfs.ts";
import { flattenOperations } from "../../kernel/sandbox/encode.ts";
import type { Operation } from "../../plan/operation.ts";
import type { Plan } from "../../plan/plan.ts";
import { type PlannedStep, undoOf } from "../../plan/plan.ts";
import type { Step } from "../../plan/step.ts";
import type { Engine } from "../engine.ts";
import { findEntered } from "./begun.ts";
import { confinementOf } from "./confinement.ts";
import { type ContainerDirectory, containerDirectory } from "./directory.ts";
import { choosePlaces, type EndpointRequest, planNetworking } from "./endpoint.ts";
import { generatedFiles, writeFiles } from "./generated-file.ts";
import { planGroups } from "./group.ts";
import { healthOperations } from "./health.ts";
import { readGivenDevices } from "./host-device.ts";
import { refuseUnreachable } from "./host-limit.ts";
import { imageRoot, mappedLayers, missingSources } from "./image-root.ts";
import { resolveJoins } from "./join.ts";
import { resolveLinks, withLinkEnvironment } from "./link.ts";
import { planLogging } from "./logging.ts";
import { monitorOperations } from "./monitor-operation.ts";
import { hasNames, planNames } from "./name-service.ts";
import { ociConfigOf } from "./oci-config.ts";
import type { planOther } from "./other-runtime.ts";

export interface Prepared {
  readonly run: RunRecord;
  readonly directory: ContainerDirectory;
  /** Everything up to and including the sandbox. */
  readonly plan: Plan;
  readonly operations: readonly (readonly string[])[];
  /** What brings the host back after the container has ended. */
  readonly undo: readonly Step[];
  readonly warnings: readonly string[];
}

/** Parts of the plan that take waiting, for which a transaction has no time. */
export interface PlannedAhead {
  /** Where the output goes. */
  readonly logging: readonly Operation[];
  readonly confinement: Confinement;
  /** Plans what is left to another OCI runtime. */
  readonly other?: typeof planOther;
}

const isSpreading = (mount: MountSpec): mount is BindMount => mount.type === "bind" && /shared|slave/.test(mount.propagation);

/** Throws unavailable when a log server's name is unknown, TsnsError for a seccomp profile or a bind's propagation that cannot be. */
export async function planAhead(engine: Engine, record: ContainerRecord): Promise<PlannedAhead> {
  // Its /dev/shm is looked up in its root.
  if (record.spec.ipc.mode === "container") findEntered(engine, record.spec.ipc.container);
  const spreading = record.spec.mounts.filter(isSpreading);
  if (spreading.length > 0) (await import("./propagation.ts")).refusePropagation(spreading);
  const other = record.spec.runtimeProgram === undefined ? {} : { other: (await import("./other-runtime.ts")).planOther };
  return { logging: await planLogging(engine, record), confinement: await confinementOf(record.spec), ...other };
}

/**
 * Plans the start of a container. `requests`: the networks it is on, `restarts` is set when it is started again by itself. Throws TsnsError for
 * whatever cannot be.
 */
export function prepareStart(
  engine: Engine,
  record: ContainerRecord,
  requests: readonly EndpointRequest[],
  { logging, confinement, other: planOther }: PlannedAhead,
  restarts?: RestartState,
): Prepared {
  const { spec, id } = record;
  const startedMs = Date.now();
  const directory = containerDirectory(engine.root, id);
  const joins = resolveJoins(engine, spec);
  refuseUnreachable(spec);
  const devices = readGivenDevices(spec.devices ?? []);
  const groups = planGroups(record, devices.rules);
  const links = resolveLinks(engine, record);
  const places = choosePlaces(engine, record, requests, startedMs, restarts && record.run?.endpoints);
  const endpoints = places.map(({ endpoint }) => endpoint);
  const networking = planNetworking(record, places);
  const networks = endpoints.map(({ network }) => network);
  const files = generatedFiles(record, directory, endpoints, joins, { links });
  const image = imageRoot(engine, record, directory);
  const mapped = spec.userNamespace && mappedLayers(directory, image.overlay.lower.length);
  const config = ociConfigOf(engine, { id, spec: withLinkEnvironment(record, links) }, { files, devices, joins });
  const input: SandboxInput = {
    overlay: image.overlay,
    ...(image.volatile ? { volatile: true } : {}),
    ...(image.upperImage ? { upperImage: image.upperImage } : {}),
    ...(mapped ? { mapped: mapped.targets } : {}),
    monitor: [
      ...monitorOperations(engine, record, directory, logging, groups.oom, restarts),
      ...healthOperations(spec, groups.directories, confinement),
      ...(hasNames(networks) ? planNames(engine, record, networks) : []),
    ],
    cgroup: groups.cgroup,
    cgroupMounts: groups.cgroupMounts,
    ...(joins.sharedMemory ? { sharedMemory: joins.sharedMemory } : {}),
    network: networking,
    init: spec.init,
    confinement,
  };
  const other = planOther?.(engine, record, spec.runtimeProgram ?? "", directory, { config, input, devices });
  const operations = flattenOperations(other?.operations ?? planSandbox(config, input));
  const steps: PlannedStep[] = [
    ...image.steps,
    ...(mapped?.steps ?? []),
    ...missingSources(spec.mounts),
    ...writeFiles(files, spec.userNamespace),
    ...groups.steps,
    ...networking.plan.steps,
    ...(other?.steps ?? []),
  ];
  const plan: Plan = { steps: [...steps, sandboxStart(operations, directory, requests, steps, networking.release)] };
  return {
    run: { startedMs, ...(restarts ? { restarts } : {}), cgroups: groups.directories, endpoints },
    directory,
    plan,
    operations,
    undo: undoOf(plan),
    warnings: groups.warnings,
  };
}

function sandboxStart(
  operations: Prepared["operations"],
  directory: ContainerDirectory,
  requests: readonly EndpointRequest[],
  before: readonly PlannedStep[],
  undo: Step | undefined,
): PlannedStep {
  const bridges = requests.map(({ network: { spec } }) => [readLinkIndex(spec.bridge) ?? 0, spec.bridge]);
  const held = before.flatMap(({ step }) => (step.kind === "ifb.add" ? [[step.index, step.name] as const] : []));
  return {
    step: {
      kind: "sandbox.start",
      operations,
      planPath: directory.plan,
      ...(bridges.length > 0 ? { linkNames: Object.fromEntries([...bridges, ...held]) } : {}),
    },
    because: "the monitor makes the namespaces, mounts the root and starts the command",
    ...(undo ? { undo } : {}),
  };
}
