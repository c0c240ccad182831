// What a front end asks for when it creates a container, and how it becomes a Spec with the image's defaults.
// Pure: knows no command line and no store.
import { posix } from "node:path";
import { TsnsError } from "../base/error.ts";
import type { ResourceSpec } from "../cgroup/spec.ts";
import type { ImageRecord } from "../image/spec.ts";
import type { PortSpec } from "../network/spec.ts";
import { parseSignal } from "./signal.ts";
import type { ContainerSpec, MountSpec, NamespaceMode, NetworkMode } from "./spec.ts";

export interface CreateRequest {
  readonly image: string;
  readonly name?: string;
  readonly command: readonly string[];
  /** One word, as docker's --entrypoint; an empty string removes the image's. */
  readonly entrypoint?: string;
  readonly env: readonly string[];
  readonly workingDirectory?: string;
  readonly user?: string;
  readonly hostname?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly attached: boolean;
  readonly autoRemove: boolean;
  readonly init: boolean;
  readonly privileged: boolean;
  readonly noNewPrivileges: boolean;
  readonly readOnlyRoot: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly mounts: readonly MountSpec[];
  readonly network: NetworkMode;
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly uts: NamespaceMode;
  readonly userNamespace?: ContainerSpec["userNamespace"];
  readonly ports: readonly PortSpec[];
  readonly resources: ResourceSpec;
  readonly stopSignal?: string;
  readonly stopTimeoutSeconds?: number;
  readonly detachKeys: string;
  readonly log: ContainerSpec["log"];
}

/** Docker's grace period between the stop signal and SIGKILL. */
const defaultStopTimeoutSeconds = 10;

/** Merges the image's configuration in. `hostHostname` is what a container in the host's uts namespace has. */
export function mergeImage(request: CreateRequest, image: ImageRecord, id: string, hostHostname: string): ContainerSpec {
  const { config } = image;
  const entrypoint = request.entrypoint === undefined ? config.entrypoint : request.entrypoint === "" ? [] : [request.entrypoint];
  const cmd = request.command.length > 0 ? request.command : request.entrypoint === undefined ? config.cmd : [];
  if (entrypoint.length + cmd.length === 0) {
    throw new TsnsError("invalid", "no-command", `no command specified, and image "${request.image}" has none`, {
      hint: "append one",
      exitCode: 125,
    });
  }
  const workingDirectory = request.workingDirectory ?? (config.workingDirectory || "/");
  if (!posix.isAbsolute(workingDirectory)) {
    throw new TsnsError(
      "invalid",
      "bad-workdir",
      `the working directory '${workingDirectory}' is invalid, it needs to be an absolute path`,
      { hint: "start it with /", exitCode: 125 },
    );
  }
  const stopSignal = request.stopSignal ?? (config.stopSignal || "SIGTERM");
  parseSignal(stopSignal);
  return {
    imageName: request.image,
    imageId: image.id,
    entrypoint,
    cmd,
    env: mergeEnvironment(config.env, request.env),
    workingDirectory,
    user: request.user ?? config.user,
    hostname:
      request.uts.mode === "host" || request.network.mode === "host"
        ? (request.hostname ?? hostHostname)
        : (request.hostname ?? id.slice(0, 12)),
    labels: { ...config.labels, ...request.labels },
    tty: request.tty,
    openStdin: request.openStdin,
    stdinOnce: request.openStdin && request.attached,
    attached: request.attached,
    autoRemove: request.autoRemove,
    init: request.init,
    privileged: request.privileged,
    noNewPrivileges: request.noNewPrivileges,
    readOnlyRoot: request.readOnlyRoot,
    capAdd: request.capAdd,
    capDrop: request.capDrop,
    mounts: request.mounts,
    network: request.network,
    pid: request.pid,
    ipc: request.ipc,
    uts: request.uts,
    ...(request.userNamespace ? { userNamespace: request.userNamespace } : {}),
    ports: request.ports,
    resources: request.resources,
    stopSignal,
    stopTimeoutSeconds: request.stopTimeoutSeconds ?? defaultStopTimeoutSeconds,
    detachKeys: request.detachKeys,
    log: request.log,
  };
}

/** Image entries first, a later one of the same name replaces the earlier in its place. */
function mergeEnvironment(image: readonly string[], asked: readonly string[]): string[] {
  const merged = new Map<string, string>();
  for (const entry of [...image, ...asked]) {
    const at = entry.indexOf("=");
    merged.set(at < 0 ? entry : entry.slice(0, at), entry);
  }
  return [...merged.values()];
}
