// What a front end asks for when it creates a container, and how it becomes a Spec with the image's defaults.
// Pure: knows no command line and no store.
import { posix } from "node:path";
import { TsnsError } from "../base/error.ts";
import type { Platform } from "../image/platform.ts";
import type { ImageRecord } from "../image/spec.ts";
import { orderExposed } from "../network/expose.ts";
import { mergeHealth } from "./health.ts";
import { parseSignal } from "./signal.ts";
import type { ContainerSettings, ContainerSpec } from "./spec.ts";

export interface CreateRequest extends ContainerSettings {
  readonly image: string;
  /** What the image must be for; absent: whatever it is. */
  readonly platform?: Platform;
  readonly name?: string;
  readonly command: readonly string[];
  /** One word, as docker's --entrypoint; an empty string removes the image's. */
  readonly entrypoint?: string;
  readonly env: readonly string[];
  readonly workingDirectory?: string;
  readonly user?: string;
  readonly hostname?: string;
  readonly stopSignal?: string;
  readonly stopTimeoutSeconds?: number;
}

/** Docker's grace period between the stop signal and SIGKILL. */
export const defaultStopTimeoutSeconds = 10;

/** Merges the image's configuration in. `otherHostname` is what a container has that shares a uts namespace or a network. */
export function mergeImage(request: CreateRequest, image: ImageRecord, id: string, otherHostname: string | undefined): ContainerSpec {
  const { config } = image;
  const entrypoint = request.entrypoint === undefined ? config.entrypoint : request.entrypoint === "" ? [] : [request.entrypoint];
  const cmd = request.command.length > 0 ? request.command : request.entrypoint === undefined ? config.cmd : [];
  if (entrypoint.length + cmd.length === 0) {
    throw new TsnsError("invalid", "no-command", `no command specified, and image "${request.image}" has none`, {
      hint: "append one",
      exitCode: 125,
    });
  }
  const workingDirectory = request.workingDirectory || config.workingDirectory || "/";
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
  const { image: imageName, platform, name, command, ...settings } = request;
  return {
    ...settings,
    imageName,
    imageId: image.id,
    entrypoint,
    cmd,
    env: mergeEnvironment(config.env, request.env),
    workingDirectory,
    user: request.user || config.user,
    hostname: request.hostname ?? (sharesName(request) ? otherHostname : undefined) ?? id.slice(0, 12),
    labels: { ...config.labels, ...request.labels },
    ...exposedOf(request, image),
    stdinOnce: request.openStdin && request.attached && (request.attachStreams?.includes("stdin") ?? true),
    stopSignal,
    stopTimeoutSeconds: request.stopTimeoutSeconds ?? defaultStopTimeoutSeconds,
    ...healthOf(request, image),
  };
}

/** docker: who is on the network of the host or of another container has its name as well. */
const sharesName = ({ uts, network }: CreateRequest): boolean =>
  uts.mode !== "private" || network.mode === "host" || network.mode === "container";

/** Ports of the image and of the user, none twice. */
function exposedOf(request: CreateRequest, { config }: ImageRecord): Pick<ContainerSpec, "exposed"> {
  const exposed = orderExposed([...config.exposedPorts, ...(request.exposed ?? [])]);
  return exposed.length > 0 ? { exposed } : {};
}

function healthOf(request: CreateRequest, { config }: ImageRecord): Pick<ContainerSpec, "health" | "healthShell"> {
  const health = mergeHealth(request.health, config.healthcheck);
  if (!health) return {};
  return { health, ...(config.shell ? { healthShell: config.shell } : {}) };
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
