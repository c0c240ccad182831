// Spec to OCI config.json: pure; all that depends on the host comes in as `input`.
import { posix } from "node:path";
import { chooseCapabilities } from "../capability.ts";
import type { ContainerSpec, MountSpec, NamespaceMode } from "../spec.ts";
import {
  cgroupMount,
  defaultDevices,
  defaultMounts,
  defaultPath,
  deviceLinks,
  maskedPaths,
  networkSysctls,
  readonlyPaths,
} from "./default.ts";
import type { OciConfig, OciDevice, OciMount, OciNamespace, OciProcess } from "./type.ts";

export interface CompileInput {
  readonly id: string;
  /** Mount point of the root file system, in the host's view. */
  readonly rootPath: string;
  /** Generated files bound over /etc/hosts and the like: target to host path. */
  readonly files: readonly { readonly source: string; readonly target: string }[];
  /** Bounding set of this host (CapBnd of proc_pid_status(5)). */
  readonly boundingSet: bigint;
  /** All device nodes of the host, for --privileged. */
  readonly hostDevices: readonly OciDevice[];
  /** /proc/PID/ns files of containers whose namespaces are joined. */
  readonly join: { readonly network?: string; readonly pid?: string; readonly ipc?: string; readonly uts?: string };
  readonly cgroupsPath: string;
}

/** The OCI configuration of a container. Throws TsnsError for capabilities the host lacks. */
export function compileOci(spec: ContainerSpec, input: CompileInput): OciConfig {
  const ownNetwork = spec.network.mode === "bridge" || spec.network.mode === "none";
  return {
    ociVersion: "1.2.0",
    process: compileProcess(spec, input.boundingSet),
    root: { path: input.rootPath, readonly: spec.readOnlyRoot },
    ...(spec.uts.mode === "private" ? { hostname: spec.hostname } : {}),
    mounts: mountsOf(spec, input),
    annotations: { "tsns.image": spec.imageName },
    linux: {
      namespaces: namespacesOf(spec, input),
      uidMappings: spec.userNamespace ? [{ containerID: 0, hostID: spec.userNamespace.uid, size: spec.userNamespace.size }] : [],
      gidMappings: spec.userNamespace ? [{ containerID: 0, hostID: spec.userNamespace.gid, size: spec.userNamespace.size }] : [],
      devices: spec.privileged ? mergeDevices(input.hostDevices) : defaultDevices,
      cgroupsPath: input.cgroupsPath,
      maskedPaths: spec.privileged ? [] : maskedPaths,
      readonlyPaths: spec.privileged ? [] : readonlyPaths,
      sysctl: ownNetwork ? networkSysctls(spec.userNamespace?.size) : {},
      rootfsPropagation: spec.mounts.some((mount) => mount.type === "bind" && /shared|slave/.test(mount.propagation)) ? "slave" : "private",
    },
  };
}

/** The process part, shared by run and exec. `boundingSet` is this host's. */
export function compileProcess(spec: ContainerSpec, boundingSet: bigint): OciProcess {
  const capabilities = chooseCapabilities({ add: spec.capAdd, drop: spec.capDrop, privileged: spec.privileged }, boundingSet);
  return {
    terminal: spec.tty,
    user: { username: spec.user, additionalGroups: [] },
    args: [...spec.entrypoint, ...spec.cmd],
    env: environment(spec),
    cwd: spec.workingDirectory || "/",
    capabilities: processCapabilities(capabilities, spec.user),
    noNewPrivileges: spec.noNewPrivileges,
  };
}

/** A process that is not root gets no effective set (docker: "exec as that user drops them"). */
function processCapabilities(names: readonly string[], user: string): OciConfig["process"]["capabilities"] {
  const prefixed = names.map((name) => `CAP_${name}`);
  const root = user === "" || /^(0|root)(:|$)/.test(user);
  return { bounding: prefixed, effective: root ? prefixed : [], permitted: root ? prefixed : [], inheritable: [], ambient: [] };
}

/** Environment in docker's order: PATH, HOSTNAME, TERM, then image and user; a later value replaces an earlier one in its place. */
function environment(spec: ContainerSpec): string[] {
  const result = new Map<string, string>();
  const set = (entry: string) => {
    const at = entry.indexOf("=");
    result.set(at < 0 ? entry : entry.slice(0, at), entry);
  };
  set(defaultPath);
  set(`HOSTNAME=${spec.hostname}`);
  if (spec.tty) set("TERM=xterm");
  for (const entry of spec.env) set(entry);
  return [...result.values()].filter((entry) => entry.includes("="));
}

function mountsOf(spec: ContainerSpec, input: CompileInput): OciMount[] {
  const targets = new Set(spec.mounts.map((mount) => mount.target));
  const standard = [...defaultMounts, ...(targets.has(cgroupMount.destination) ? [] : [cgroupMount])]
    // a /dev of the user's comes whole, as docker has it
    .filter((mount) => !targets.has(mount.destination) && !(targets.has("/dev") && mount.destination.startsWith("/dev/")))
    .map((mount) => (spec.privileged ? { ...mount, options: mount.options.filter((option) => option !== "ro") } : mount))
    // mqueue shows the queues of the ipc namespace it is mounted in, so that only the shared memory has to be the host's own mount
    .map((mount) => (spec.ipc.mode === "host" && mount.destination === "/dev/shm" ? bindOf(mount.destination) : mount));
  const files: OciMount[] = input.files
    .filter((file) => !targets.has(file.target))
    .map((file) => ({ destination: file.target, type: "bind", source: file.source, options: ["bind", "rprivate"] }));
  const asked = [...spec.mounts].sort((a, b) => depth(a.target) - depth(b.target)).map(userMount);
  return [...standard, ...files, ...asked];
}

const bindOf = (path: string): OciMount => ({ destination: path, type: "bind", source: path, options: ["rbind", "rprivate"] });
const depth = (path: string): number => posix.normalize(path).split("/").length;

function userMount(mount: MountSpec): OciMount {
  if (mount.type === "tmpfs")
    return { destination: mount.target, type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "noexec", ...mount.options] };
  return {
    destination: mount.target,
    type: "bind",
    source: mount.source,
    options: ["rbind", mount.propagation, ...(mount.readOnly ? ["ro"] : [])],
  };
}

function namespacesOf(spec: ContainerSpec, input: CompileInput): OciNamespace[] {
  const result: OciNamespace[] = [{ type: "mount" }, { type: "cgroup" }];
  const add = (type: OciNamespace["type"], mode: NamespaceMode["mode"] | "none" | "bridge", path: string | undefined) => {
    if (mode === "host") return;
    result.push(path ? { type, path } : { type });
  };
  add("pid", spec.pid.mode, input.join.pid);
  add("ipc", spec.ipc.mode, input.join.ipc);
  add("uts", spec.uts.mode, input.join.uts);
  add("network", spec.network.mode, input.join.network);
  if (spec.userNamespace) result.push({ type: "user" });
  return result;
}

function mergeDevices(host: readonly OciDevice[]): OciDevice[] {
  const taken = new Set([...defaultDevices.map((device) => device.path), ...deviceLinks.map(([, path]) => path)]);
  return [...defaultDevices, ...host.filter((device) => !taken.has(device.path))];
}
