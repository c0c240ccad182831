// The document docker prints for an image, out of its configuration blob and of what the store knows of it. Pure.
import { isObject, type JsonObject } from "../base/json.ts";
import { asMap } from "../base/template/value.ts";
import { formatTimestamp } from "../base/time.ts";
import { renderConfig } from "./config.ts";
import type { ImageRecord } from "./spec.ts";

export interface ImageView {
  readonly image: ImageRecord;
  /** The configuration blob; empty for the host image. */
  readonly blob: JsonObject;
  /** As stored. */
  readonly names: readonly string[];
  readonly parent: string;
  /** When it last got a name, in milliseconds since 1970; 0: never. */
  readonly taggedMs: number;
  /** Uppermost first. */
  readonly directories: readonly string[];
}

/** docker's members in docker's order. */
export function renderImage({ image, blob, names, parent, taggedMs, directories }: ImageView): Record<string, unknown> {
  const text = (name: string) => (typeof blob[name] === "string" ? blob[name] : "");
  const inner = isObject(blob.config) ? blob.config : renderConfig(image.config);
  return {
    Id: image.id,
    RepoTags: names.filter((name) => !name.includes("@")),
    RepoDigests: names.filter((name) => name.includes("@")),
    Parent: parent,
    Comment: image.comment,
    Created: text("created").endsWith("Z") ? text("created") : formatTimestamp(image.createdMs),
    Container: text("container"),
    ContainerConfig: renderContainerConfig(isObject(blob.container_config) ? blob.container_config : {}),
    DockerVersion: text("docker_version"),
    Author: text("author"),
    Config: renderContainerConfig(inner),
    Architecture: image.architecture,
    ...(text("variant") === "" ? {} : { Variant: text("variant") }),
    Os: image.os,
    ...(text("os.version") === "" ? {} : { OsVersion: text("os.version") }),
    Size: image.sizeBytes,
    VirtualSize: image.sizeBytes,
    GraphDriver: { Data: asMap(renderLayers(image, directories)), Name: "overlay2" },
    RootFS: { Type: "layers", ...(image.diffIds.length === 0 ? {} : { Layers: image.diffIds }) },
    Metadata: { LastTagTime: formatTimestamp(taggedMs) },
  };
}

/** Members with names of the user's: to templates they are maps. */
const maps: ReadonlySet<string> = new Set(["ExposedPorts", "Volumes", "Labels"]);

/** The members Go always writes, then those it leaves out when empty, as they are. */
function renderContainerConfig(config: JsonObject): Record<string, unknown> {
  const { ExposedPorts, ...rest } = config;
  const always = {
    Hostname: "",
    Domainname: "",
    User: "",
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    ...(isObject(ExposedPorts) && Object.keys(ExposedPorts).length > 0 ? { ExposedPorts } : {}),
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: null,
    Cmd: null,
    Image: "",
    Volumes: null,
    WorkingDir: "",
    Entrypoint: null,
    OnBuild: null,
    Labels: null,
  };
  // A member given as null keeps the place and the value of an absent one.
  const given = { ...always, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)) };
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, maps.has(key) && isObject(value) ? asMap(value) : value]));
}

/** As docker's overlay2 has it: the uppermost layer above the others. No image is mounted, so nothing is merged and nothing worked in. */
function renderLayers(image: ImageRecord, directories: readonly string[]): Record<string, string> {
  if (image.source === "host") return { UpperDir: "/" };
  const [upper, ...lower] = directories;
  return { ...(lower.length === 0 ? {} : { LowerDir: lower.join(":") }), ...(upper === undefined ? {} : { UpperDir: upper }) };
}
