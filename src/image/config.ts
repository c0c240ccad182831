// The OCI/docker image configuration (image-spec config.md): foreign JSON in, ImageRecord out, and back.
// Unknown members are ignored when reading; the stored blob keeps them.
import { TsnsError } from "../base/error.ts";
import { isObject, type JsonObject, parseObject } from "../base/json.ts";
import { parseHealthCheck, renderHealthCheck } from "./health-check.ts";
import type { ImageConfig, ImageRecord } from "./spec.ts";

export const emptyConfig: ImageConfig = {
  env: [],
  entrypoint: [],
  cmd: [],
  workingDirectory: "",
  user: "",
  exposedPorts: [],
  volumes: [],
  labels: {},
  stopSignal: "",
};

/** One line of an image's history. */
export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

export interface ImageDescription {
  readonly createdMs: number;
  readonly architecture: string;
  readonly os: string;
  /** Of the processor, such as v7; absent where none is named. */
  readonly variant?: string;
  readonly diffIds: readonly string[];
  readonly config: ImageConfig;
  readonly comment: string;
  readonly history: readonly HistoryEntry[];
}

/** Parses an image configuration blob. Throws TsnsError invalid `bad-image-config` naming all that is wrong at once. */
export function parseImageConfig(text: string): ImageDescription {
  const problems: string[] = [];
  const root = parseObject(text);
  if (!root) throw badConfig(["it is not a JSON object"]);
  const read = reader(problems);
  const inner = read.object(root, "config");
  const rootfs = read.object(root, "rootfs");
  const diffIds = read.strings(rootfs, "diff_ids", "rootfs.diff_ids");
  for (const diffId of diffIds) {
    if (!/^sha256:[0-9a-f]{64}$/.test(diffId)) problems.push(`rootfs.diff_ids has ${JSON.stringify(diffId)}, which is no sha256 digest`);
  }
  const env = read.strings(inner, "Env", "config.Env");
  const healthcheck = parseHealthCheck(inner.Healthcheck, problems);
  const shell = read.strings(inner, "Shell", "config.Shell");
  const onBuild = read.strings(inner, "OnBuild", "config.OnBuild");
  for (const item of env) if (item.includes("\0")) problems.push("config.Env has a NUL byte");
  const description: ImageDescription = {
    createdMs: read.time(root, "created"),
    architecture: read.string(root, "architecture", "architecture"),
    os: read.string(root, "os", "os") || "linux",
    diffIds,
    comment: read.string(root, "comment", "comment"),
    history: read.history(root),
    config: {
      env,
      entrypoint: read.strings(inner, "Entrypoint", "config.Entrypoint"),
      cmd: read.strings(inner, "Cmd", "config.Cmd"),
      workingDirectory: read.string(inner, "WorkingDir", "config.WorkingDir"),
      user: read.string(inner, "User", "config.User"),
      exposedPorts: Object.keys(read.object(inner, "ExposedPorts")),
      volumes: Object.keys(read.object(inner, "Volumes")),
      labels: read.labels(inner),
      stopSignal: read.string(inner, "StopSignal", "config.StopSignal"),
      ...(healthcheck ? { healthcheck } : {}),
      ...(shell.length > 0 ? { shell } : {}),
      ...(onBuild.length > 0 ? { onBuild } : {}),
    },
  };
  if (problems.length > 0) throw badConfig(problems);
  return description;
}

/** Renders a configuration blob. Members docker leaves out when empty are left out, so equal images get equal ids. */
export function renderImageConfig(image: ImageDescription): string {
  return JSON.stringify({
    architecture: image.architecture,
    ...(image.comment === "" ? {} : { comment: image.comment }),
    config: renderConfig(image.config),
    created: new Date(image.createdMs).toISOString(),
    history: image.history,
    os: image.os,
    ...(image.variant === undefined ? {} : { variant: image.variant }),
    rootfs: { type: "layers", diff_ids: image.diffIds },
  });
}

/** The "config" member alone, docker's names; absent members are empty ones. */
export function renderConfig(config: ImageConfig): Record<string, unknown> {
  const set = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, {}]));
  return {
    ...(config.user === "" ? {} : { User: config.user }),
    ...(config.exposedPorts.length === 0 ? {} : { ExposedPorts: set(config.exposedPorts) }),
    ...(config.env.length === 0 ? {} : { Env: config.env }),
    ...(config.entrypoint.length === 0 ? {} : { Entrypoint: config.entrypoint }),
    ...(config.cmd.length === 0 ? {} : { Cmd: config.cmd }),
    ...(config.volumes.length === 0 ? {} : { Volumes: set(config.volumes) }),
    ...(config.workingDirectory === "" ? {} : { WorkingDir: config.workingDirectory }),
    ...(Object.keys(config.labels).length === 0 ? {} : { Labels: config.labels }),
    ...(config.stopSignal === "" ? {} : { StopSignal: config.stopSignal }),
    ...(config.healthcheck ? { Healthcheck: renderHealthCheck(config.healthcheck) } : {}),
    ...(config.shell ? { Shell: config.shell } : {}),
    ...(config.onBuild ? { OnBuild: config.onBuild } : {}),
  };
}

/** The record of an image whose configuration blob has the digest `id`. */
export function recordOf(id: string, image: ImageDescription, sizeBytes: number): ImageRecord {
  const { createdMs, architecture, os, diffIds, config, comment } = image;
  return { id, createdMs, architecture, os, sizeBytes, diffIds, config, source: "layers", comment };
}

/** Typed access to foreign JSON; null counts as absent, as Go writes it. */
function reader(problems: string[]) {
  const string = (from: JsonObject, key: string, name: string): string => {
    const value = from[key] ?? "";
    if (typeof value === "string") return value;
    problems.push(`${name} is not a string`);
    return "";
  };
  const object = (from: JsonObject, key: string): JsonObject => {
    const value = from[key] ?? {};
    if (isObject(value)) return value;
    problems.push(`${key} is not an object`);
    return {};
  };
  const strings = (from: JsonObject, key: string, name: string): readonly string[] => {
    const value = from[key] ?? [];
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
    problems.push(`${name} is not a list of strings`);
    return [];
  };
  const labels = (from: JsonObject): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(object(from, "Labels")).map(([key, value]) => [key, String(value ?? "")]));
  const time = (from: JsonObject, key: string): number => {
    const milliseconds = Date.parse(string(from, key, key) || "1970-01-01T00:00:00Z");
    if (Number.isNaN(milliseconds)) problems.push(`${key} is not a date`);
    return milliseconds;
  };
  const history = (from: JsonObject): readonly HistoryEntry[] => {
    const value = from.history ?? [];
    if (Array.isArray(value) && value.every(isObject)) return value as readonly HistoryEntry[];
    problems.push("history is not a list of objects");
    return [];
  };
  return { string, object, strings, labels, time, history };
}

function badConfig(problems: readonly string[]): TsnsError {
  return new TsnsError("invalid", "bad-image-config", `invalid image configuration: ${problems.join("; ")}`, {
    hint: "the archive is damaged or was not made for containers; save it again",
  });
}
