// A container as `docker inspect` shows it: field names and shapes of the Docker Engine API 1.50, ContainerInspect. Pure.
import { asMap } from "../base/template/value.ts";
import type { PortSpec } from "../network/spec.ts";
import type { ContainerRecord, ContainerState } from "./record.ts";
import type { ContainerSpec, MountSpec, NamespaceMode, NetworkMode } from "./spec.ts";

export interface InspectInput {
  readonly state: ContainerState;
  readonly logPath: string;
  readonly directory: string;
  readonly lowerDirectories: readonly string[];
  readonly upperDirectory: string;
  readonly workDirectory: string;
  readonly sizes?: { readonly rw: number; readonly rootFs: number };
}

const zeroTime = "0001-01-01T00:00:00Z";
const rfc3339 = (ms: number | undefined) => (ms ? new Date(ms).toISOString() : zeroTime);

/** The whole document of one container. */
export function renderInspect(input: InspectInput): Record<string, unknown> {
  const { state } = input;
  const { record } = state;
  const { spec } = record;
  const [path = "", ...args] = [...spec.entrypoint, ...spec.cmd];
  return {
    Id: record.id,
    Created: rfc3339(record.createdMs),
    Path: path,
    Args: args,
    State: stateView(state),
    Image: spec.imageId,
    ResolvConfPath: `${input.directory}/resolv.conf`,
    HostnamePath: `${input.directory}/hostname`,
    HostsPath: `${input.directory}/hosts`,
    LogPath: input.logPath,
    Name: `/${record.name}`,
    RestartCount: 0,
    Driver: "overlay2",
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    ExecIDs: null,
    HostConfig: hostConfigView(spec),
    GraphDriver: {
      Data: { LowerDir: input.lowerDirectories.join(":"), MergedDir: "", UpperDir: input.upperDirectory, WorkDir: input.workDirectory },
      Name: "overlay2",
    },
    ...(input.sizes ? { SizeRw: input.sizes.rw, SizeRootFs: input.sizes.rootFs } : {}),
    Mounts: spec.mounts.map(mountView),
    Config: configView(record),
    NetworkSettings: networkView(state),
  };
}

function stateView(state: ContainerState): Record<string, unknown> {
  const { exit, run } = state.record;
  const running = state.status === "running" || state.status === "paused";
  return {
    Status: state.status,
    Running: running,
    Paused: state.status === "paused",
    Restarting: false,
    OOMKilled: !running && (exit?.oomKilled ?? false),
    Dead: state.status === "dead",
    Pid: state.pid,
    ExitCode: running ? 0 : (exit?.exitCode ?? 0),
    Error: running ? "" : (exit?.error ?? ""),
    StartedAt: rfc3339(exit?.finishedMs === 0 ? undefined : run?.startedMs),
    FinishedAt: rfc3339(running || exit?.finishedMs === 0 ? undefined : exit?.finishedMs),
  };
}

function configView({ spec }: ContainerRecord): Record<string, unknown> {
  return {
    Hostname: spec.hostname,
    Domainname: "",
    User: spec.user,
    AttachStdin: spec.attached && spec.openStdin,
    AttachStdout: spec.attached,
    AttachStderr: spec.attached,
    ExposedPorts: Object.fromEntries(spec.ports.map((port) => [portKey(port), {}])),
    Tty: spec.tty,
    OpenStdin: spec.openStdin,
    StdinOnce: spec.stdinOnce,
    Env: spec.env,
    Cmd: spec.cmd.length > 0 ? spec.cmd : null,
    Image: spec.imageName,
    Volumes: null,
    WorkingDir: spec.workingDirectory === "/" ? "" : spec.workingDirectory,
    Entrypoint: spec.entrypoint.length > 0 ? spec.entrypoint : null,
    Labels: asMap(sortedByKey(spec.labels)),
    StopSignal: spec.stopSignal,
    StopTimeout: spec.stopTimeoutSeconds,
  };
}

/** Maps are sorted in Go's JSON. */
function sortedByKey(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function hostConfigView(spec: ContainerSpec): Record<string, unknown> {
  const { resources } = spec;
  return {
    Binds: spec.mounts.flatMap((mount) => (mount.type === "bind" ? [`${mount.source}:${mount.target}${mount.readOnly ? ":ro" : ""}`] : [])),
    LogConfig: { Type: "json-file", Config: { "max-size": `${spec.log.maxBytes}`, "max-file": `${spec.log.maxFiles}` } },
    NetworkMode: networkName(spec.network),
    PortBindings: groupPorts(spec.ports, (port) => (port.hostPort ? `${port.hostPort}` : "")),
    RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
    AutoRemove: spec.autoRemove,
    Init: spec.init,
    CapAdd: spec.capAdd.length > 0 ? spec.capAdd : null,
    CapDrop: spec.capDrop.length > 0 ? spec.capDrop : null,
    PidMode: namespaceName(spec.pid),
    IpcMode: namespaceName(spec.ipc) || "private",
    UTSMode: namespaceName(spec.uts),
    UsernsMode: spec.userNamespace ? "private" : "",
    CgroupnsMode: "private",
    Privileged: spec.privileged,
    ReadonlyRootfs: spec.readOnlyRoot,
    SecurityOpt: spec.noNewPrivileges ? ["no-new-privileges"] : null,
    Tmpfs: Object.fromEntries(spec.mounts.flatMap((mount) => (mount.type === "tmpfs" ? [[mount.target, mount.options.join(",")]] : []))),
    ShmSize: 67_108_864,
    Memory: resources.memoryBytes ?? 0,
    MemorySwap: resources.memorySwapBytes ?? (resources.memoryBytes ?? 0) * 2,
    MemoryReservation: resources.memoryReservationBytes ?? 0,
    CpuShares: resources.cpuShares ?? 0,
    CpuPeriod: resources.cpuPeriodMicros ?? 0,
    CpuQuota: resources.cpuQuotaMicros ?? 0,
    NanoCpus: 0,
    CpusetCpus: resources.cpusetCpus ?? "",
    CpusetMems: resources.cpusetMems ?? "",
    PidsLimit: resources.pidsLimit ?? null,
    Runtime: "tsns",
  };
}

function mountView(mount: MountSpec): Record<string, unknown> {
  if (mount.type === "tmpfs")
    return { Type: "tmpfs", Source: "", Destination: mount.target, Mode: mount.options.join(","), RW: true, Propagation: "" };
  return {
    Type: "bind",
    Source: mount.source,
    Destination: mount.target,
    Mode: mount.readOnly ? "ro" : "",
    RW: !mount.readOnly,
    Propagation: mount.propagation,
  };
}

function networkView(state: ContainerState): Record<string, unknown> {
  const running = state.status === "running";
  const endpoint = running ? state.record.run?.endpoint : undefined;
  const address = endpoint?.address ?? "";
  const entry = {
    NetworkID: "",
    EndpointID: "",
    Gateway: endpoint?.gateway ?? "",
    IPAddress: address,
    IPPrefixLen: endpoint?.prefixLength ?? 0,
    MacAddress: endpoint?.mac ?? "",
  };
  const { spec } = state.record;
  return {
    Bridge: "",
    SandboxKey: running ? `/proc/${state.pid}/ns/net` : "",
    Ports: asMap(endpoint ? groupPorts(endpoint.ports, (port) => `${port.hostPort}`) : {}),
    Gateway: entry.Gateway,
    IPAddress: address,
    IPPrefixLen: entry.IPPrefixLen,
    MacAddress: entry.MacAddress,
    Networks: asMap(spec.network.mode === "container" ? {} : { [networkName(spec.network)]: entry }),
  };
}

const portKey = (port: PortSpec) => `${port.containerPort}/${port.protocol}`;

function groupPorts(
  ports: readonly PortSpec[],
  hostPort: (port: PortSpec) => string,
): Record<string, { HostIp: string; HostPort: string }[]> {
  const groups: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    const key = portKey(port);
    const group = groups[key] ?? [];
    group.push({ HostIp: port.hostIp, HostPort: hostPort(port) });
    groups[key] = group;
  }
  return groups;
}

/** Docker's NetworkMode. */
export function networkName(mode: NetworkMode): string {
  if (mode.mode === "bridge") return mode.network;
  return mode.mode === "container" ? `container:${mode.container}` : mode.mode;
}

function namespaceName(mode: NamespaceMode): string {
  return mode.mode === "private" ? "" : mode.mode === "container" ? `container:${mode.container}` : mode.mode;
}
