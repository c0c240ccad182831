// From a container's record to the plan of its start: reads what the host is, decides addresses and ports, compiles.
// Writes nothing; called inside the transaction that records what was chosen.
import { existsSync, readFileSync } from "node:fs";
import { planCgroup } from "../../cgroup/plan.ts";
import { compileOci } from "../../container/oci/compile.ts";
import type { ContainerRecord, RunRecord } from "../../container/record.ts";
import { type CgroupMounts, planSandbox } from "../../container/sandbox.ts";
import type { MountSpec } from "../../container/spec.ts";
import { hostImage } from "../../image/host.ts";
import { readCgroupLayout } from "../../kernel/cgroup/layout.ts";
import { readLinkIndex } from "../../kernel/netlink/sysfs.ts";
import { flattenOperations } from "../../kernel/sandbox/encode.ts";
import { launcherProgram } from "../../kernel/sandbox/location.ts";
import { renderHosts, renderResolvConf } from "../../network/file.ts";
import type { Operation } from "../../plan/operation.ts";
import type { Plan } from "../../plan/plan.ts";
import { type PlannedStep, undoOf } from "../../plan/plan.ts";
import type { HostOwner, Step } from "../../plan/step.ts";
import { getImage } from "../../store/image-record.ts";
import { layerDirectories } from "../../store/layer.ts";
import type { NetworkRecord } from "../../store/network-record.ts";
import type { Engine } from "../engine.ts";
import { type ContainerDirectory, containerDirectory } from "./directory.ts";
import { chooseEndpoint, planNetworking } from "./endpoint.ts";
import { isOnRootDevice, readBoundingSet, readHostDevices } from "./host-fact.ts";
import { type JoinTargets, resolveJoins } from "./join.ts";

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

const upperImageBytes = 20 * 1024 ** 3;

/** Plans the start of a container. `network` is set for bridge networking. Throws TsnsError for whatever cannot be. */
export function prepareStart(engine: Engine, record: ContainerRecord, network: NetworkRecord | undefined): Prepared {
  const { spec, id } = record;
  const startedMs = Date.now();
  const directory = containerDirectory(engine.root, id);
  const joins = resolveJoins(engine, spec);
  const cgroup = planCgroup({ resources: spec.resources, layout: readCgroupLayout(spec.resources), name: `tsns-${id}` });
  const endpoint = network && chooseEndpoint(engine, record, network, startedMs);
  const networking = planNetworking(record, network, endpoint);
  const files = generatedFiles(record, directory, endpoint?.address, joins);
  const image = imageRoot(engine, record, directory);
  const mapped = spec.userNamespace && mappedLayers(directory, image.overlay.lower.length);
  const config = compileOci(spec, {
    id,
    rootPath: directory.root,
    files: files.map(({ source, target }) => ({ source, target })),
    boundingSet: readBoundingSet(),
    hostDevices: spec.privileged ? readHostDevices() : [],
    join: joins.paths,
    cgroupsPath: `tsns-${id}`,
  });
  const operations = flattenOperations(
    planSandbox(config, {
      overlay: image.overlay,
      ...(image.upperImage ? { upperImage: image.upperImage } : {}),
      ...(mapped ? { mapped: mapped.targets } : {}),
      monitor: monitorOperations(engine, record, directory, cgroup.oom),
      cgroup: {
        joins: cgroup.joins,
        ...(cgroup.into ? { into: cgroup.into } : {}),
        ...(cgroup.into && cgroup.deviceProgramHex ? { devices: { directory: cgroup.into, programHex: cgroup.deviceProgramHex } } : {}),
      },
      cgroupMounts: cgroupView(cgroup.directories),
      network: networking,
      init: spec.init,
    }),
  );
  const steps: PlannedStep[] = [
    ...(spec.autoRemove
      ? image.steps.map((planned, at) => (at === 0 ? { ...planned, undo: removal(engine, directory) } : planned))
      : image.steps),
    ...(mapped?.steps ?? []),
    ...missingSources(spec.mounts),
    ...files.map(
      (file): PlannedStep => ({
        step: {
          kind: "file.write",
          path: file.source,
          text: file.text,
          mode: 0o644,
          ...(spec.userNamespace ? { owner: { uid: spec.userNamespace.uid, gid: spec.userNamespace.gid } } : {}),
        },
        because: `the container's ${file.target}`,
      }),
    ),
    ...cgroup.plan.steps,
    ...networking.plan.steps,
  ];
  const kernelPlan: Plan = { steps };
  const start: PlannedStep = {
    step: {
      kind: "sandbox.start",
      operations,
      planPath: directory.plan,
      ...(network ? { linkNames: { [readLinkIndex(network.spec.bridge) ?? 0]: network.spec.bridge } } : {}),
    },
    because: "the monitor makes the namespaces, mounts the root and starts the command",
  };
  return {
    run: { startedMs, cgroups: cgroup.directories, ...(endpoint ? { endpoint } : {}) },
    directory,
    plan: { steps: [...steps, start] },
    operations,
    undo: undoOf(kernelPlan),
    warnings: cgroup.warnings,
  };
}

/** With --rm the container's directory, made first, goes last. */
const removal = (engine: Engine, directory: ContainerDirectory): Step => ({
  kind: "tree.remove",
  path: directory.path,
  within: `${engine.root}/containers`,
});

interface ImageRoot {
  readonly overlay: { readonly lower: readonly string[]; readonly upper: string; readonly work: string };
  readonly upperImage?: { readonly file: string; readonly target: string };
  readonly steps: readonly PlannedStep[];
}

/** Directories of the writable layer, and where the layers below it are. Kept by a stopped container, so not undone. */
function imageRoot(engine: Engine, record: ContainerRecord, directory: ContainerDirectory): ImageRoot {
  const image = getImage(engine.store, record.spec.imageId);
  const make = (path: string, because: string, mode = 0o755, owner?: HostOwner): PlannedStep => ({
    step: { kind: "directory.create", path, mode, ...(owner ? { owner: { uid: owner.uid, gid: owner.gid } } : {}) },
    because,
  });
  const isHost = image.id === hostImage.id;
  const steps = [make(directory.path, "the container's own files", 0o700), make(directory.root, "mount point of the root file system")];
  if (isHost && isOnRootDevice(engine.root)) {
    const target = directory.upperMount;
    return {
      overlay: { lower: ["/"], upper: `${target}/upper`, work: `${target}/work` },
      upperImage: { file: directory.upperImage, target },
      steps: [
        ...steps,
        make(target, "mount point of the writable layer's file system"),
        ...(record.run
          ? []
          : [
              {
                step: { kind: "filesystem.create", path: directory.upperImage, bytes: upperImageBytes },
                because: "overlay forbids an upper directory on the file system it covers",
              } satisfies PlannedStep,
            ]),
      ],
    };
  }
  return {
    overlay: { lower: isHost ? ["/"] : layerDirectories(engine.root, image), upper: directory.upper, work: directory.work },
    steps: [
      ...steps,
      make(directory.upper, "the writable layer", 0o755, record.spec.userNamespace),
      make(directory.work, "overlay's work directory"),
    ],
  };
}

/** Docker's -v makes a source directory that is not there; it belongs to the user from then on. */
function missingSources(mounts: readonly MountSpec[]): PlannedStep[] {
  return mounts.flatMap((mount): PlannedStep[] =>
    mount.type === "bind" && !existsSync(mount.source)
      ? [
          {
            step: { kind: "directory.create", path: mount.source, mode: 0o755 },
            because: `-v makes its missing source for ${mount.target}`,
          },
        ]
      : [],
  );
}

/** Mount points for layers seen through an id map. */
function mappedLayers(directory: ContainerDirectory, lowerCount: number) {
  const lower = Array.from({ length: lowerCount }, (_, at) => `${directory.path}/lower/${at}`);
  const steps = lower.map(
    (path): PlannedStep => ({
      step: { kind: "directory.create", path, mode: 0o755 },
      because: "mount point for a layer seen through the user namespace's ids",
    }),
  );
  return { targets: { lower }, steps };
}

interface GeneratedFile {
  readonly source: string;
  readonly target: string;
  readonly text: string;
}

function generatedFiles(
  record: ContainerRecord,
  directory: ContainerDirectory,
  address: string | undefined,
  joins: JoinTargets,
): GeneratedFile[] {
  const { spec } = record;
  const shared = joins.networkFiles;
  const file = (name: string, text: string): GeneratedFile => ({ source: `${directory.path}/${name}`, target: `/etc/${name}`, text });
  if (shared) return ["hosts", "hostname", "resolv.conf"].map((name) => file(name, readOptional(`${shared}/${name}`)));
  const host = spec.network.mode === "host";
  const resolvConf = readOptional("/etc/resolv.conf");
  return [
    file("hostname", `${spec.hostname}\n`),
    file("hosts", host ? readOptional("/etc/hosts") : renderHosts({ hostname: spec.hostname, ...(address ? { address } : {}) })),
    file(
      "resolv.conf",
      host ? resolvConf : renderResolvConf({ host: resolvConf, resolved: readOptional("/run/systemd/resolve/resolv.conf") }),
    ),
  ];
}

function readOptional(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function monitorOperations(
  engine: Engine,
  record: ContainerRecord,
  directory: ContainerDirectory,
  oom: { name: string; path: string } | undefined,
): Operation[] {
  const { spec } = record;
  return [
    ["state", directory.path],
    ["stdio", spec.tty ? "pty" : "pipe"],
    // A terminal has no half that could be closed: it stays open when a client leaves, as docker has it.
    ["stdin", spec.openStdin ? (spec.stdinOnce && !spec.tty ? "once" : "open") : "none"],
    ["log", directory.log, `${spec.log.maxBytes}`, `${spec.log.maxFiles}`],
    ["owner", `${engine.self.pid}`, `${engine.self.startTime}`],
    ["on-exit", launcherProgram, "--root", engine.root, "container", "cleanup", record.id],
    ...(oom ? [["at-exit", "oom", oom.path] satisfies Operation] : []),
  ];
}

/** Inside, each v1 hierarchy is mounted under the name it has outside. */
function cgroupView(directories: Readonly<Record<string, string>>): CgroupMounts {
  if (directories.unified) return { version: 2 };
  const hierarchies = new Map<string, string[]>();
  for (const [controller, path] of Object.entries(directories)) {
    const mount = path.split("/").at(-2) ?? controller;
    hierarchies.set(mount, [...(hierarchies.get(mount) ?? []), controller]);
  }
  return { version: 1, hierarchies: [...hierarchies].map(([name, controllers]) => ({ name, options: controllers.join(",") })) };
}
