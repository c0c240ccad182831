// The configuration blob of an image made of another one: what its parent says stays, also what is not understood here, but for what the
// commit decides. Pure.
import { isObject, type JsonObject } from "../base/json.ts";
import { renderConfig } from "./config.ts";
import type { ImageConfig } from "./spec.ts";

export interface Committed {
  readonly config: ImageConfig;
  readonly createdMs: number;
  /** Absent: no layer is added. */
  readonly diffId: string | undefined;
  readonly createdBy: string;
  readonly author: string;
  readonly comment: string;
}

/** Members of "config" that tsns knows and therefore sets itself. */
const known = ["User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal"];
/** What docker notes of the container a layer came from. */
const ofParent = ["container", "container_config", "docker_version", "id", "parent", "comment", "author"];

const without = (object: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));

/** The same parent and commit give the same text. */
export function renderCommittedConfig(parent: JsonObject, committed: Committed): string {
  const { config, createdMs, diffId, createdBy, author, comment } = committed;
  const created = new Date(createdMs).toISOString();
  const inner = isObject(parent.config) ? without(parent.config, known) : {};
  const rootfs = isObject(parent.rootfs) ? parent.rootfs : {};
  const diffIds = Array.isArray(rootfs.diff_ids) ? rootfs.diff_ids : [];
  const history = Array.isArray(parent.history) ? parent.history : [];
  const step = {
    created,
    ...(author === "" ? {} : { author }),
    ...(createdBy === "" ? {} : { created_by: createdBy }),
    ...(comment === "" ? {} : { comment }),
    ...(diffId === undefined ? { empty_layer: true } : {}),
  };
  return JSON.stringify({
    ...without(parent, ofParent),
    ...(author === "" ? {} : { author }),
    ...(comment === "" ? {} : { comment }),
    config: { ...inner, ...renderConfig(config) },
    created,
    history: [...history, step],
    rootfs: { ...rootfs, type: "layers", diff_ids: diffId === undefined ? diffIds : [...diffIds, diffId] },
  });
}
