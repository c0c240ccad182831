// What the fields of --mount add up to: a mount of a Spec. Knows which of them go together, as docker's daemon does; not how they are written.
import { posix } from "node:path";
import { TsnsError } from "../../src/base/error.ts";
import type { BindMount, MountPropagation, MountSpec, TmpfsMount, VolumeMount } from "../../src/container/spec/storage.ts";
import { nameFault } from "../../src/volume/spec.ts";
import { propagations } from "./mount.ts";

/** What the fields say, before it is known whether they go together. */
export interface MountFields {
  type: string;
  source?: string;
  target: string;
  readOnly: boolean;
  propagation?: string;
  recursive?: "enabled" | "disabled" | "writable" | "readonly";
  noCopy?: boolean;
  subpath?: string;
  driver?: string;
  sizeBytes?: number;
  mode?: string;
  readonly driverOptions: Record<string, string>;
  readonly labels: Record<string, string>;
  /** Groups of options that were met: "volume", "bind", "tmpfs". */
  readonly groups: Set<string>;
}

/** Throws TsnsError invalid `bad-mount-config` in docker's words. */
export function mountOf(fields: MountFields): MountSpec {
  switch (fields.type) {
    case "bind":
      return bindOf(fields);
    case "volume":
      return volumeOf(fields);
    case "tmpfs":
      return tmpfsOf(fields);
    default: {
      const known = ["image", "npipe", "cluster"].includes(fields.type);
      throw badConfig(fields, known ? `mounts of this type are not supported` : "mount type unknown", "type is bind, volume or tmpfs");
    }
  }
}

/** docker's daemon sees what the words add up to. */
function badConfig({ type }: Pick<MountFields, "type">, fault: string, hint?: string): TsnsError {
  return new TsnsError(
    "invalid",
    "bad-mount-config",
    `invalid mount config for type "${type}": ${fault}`,
    hint === undefined ? {} : { hint },
  );
}

function targetOf(fields: MountFields): string {
  if (fields.target === "") throw badConfig(fields, "field Target must not be empty", "give target=/PATH");
  const path = posix.normalize(fields.target).replace(/(?<=.)\/$/, "");
  if (path === "/") throw badConfig(fields, "invalid specification: destination can't be '/'", "mount it below /");
  if (!posix.isAbsolute(path)) throw badConfig(fields, `invalid mount path: '${fields.target}' mount path must be absolute`);
  return path;
}

function bindOf(fields: MountFields): BindMount {
  const path = targetOf(fields);
  const { source: from = "", propagation = "rprivate", recursive } = fields;
  if (from === "") throw badConfig(fields, "field Source must not be empty", "give source=/HOST/PATH");
  if (!posix.isAbsolute(from)) throw badConfig(fields, `invalid mount path: '${from}' mount path must be absolute`);
  if (!propagations.some((name) => name === propagation))
    throw badConfig(fields, `invalid propagation mode: ${propagation}`, `one of ${propagations.join(", ")}`);
  return {
    type: "bind",
    source: posix.normalize(from).replace(/(?<=.)\/$/, ""),
    target: path,
    readOnly: fields.readOnly,
    propagation: propagation as MountPropagation,
    origin: "mount",
    ...(recursive === "disabled" ? { nonRecursive: true } : {}),
    ...(recursive === "writable" ? { writableBelow: true } : {}),
  };
}

function volumeOf(fields: MountFields): VolumeMount {
  const path = targetOf(fields);
  const { source: name = "", readOnly: isReadOnly, noCopy, subpath, driver, driverOptions, labels } = fields;
  const fault = name === "" ? undefined : nameFault(name);
  if (fault !== undefined) throw badConfig(fields, fault);
  if (name === "" && isReadOnly) throw badConfig(fields, "must not set ReadOnly mode when using anonymous volumes", "give source=NAME");
  if (subpath !== undefined && !isInside(subpath)) throw badConfig(fields, "subpath must be a relative path within the volume");
  if (name === "" && subpath) throw badConfig(fields, "must not set Subpath when using anonymous volumes", "give source=NAME");
  return {
    type: "volume",
    name,
    anonymous: name === "",
    target: path,
    readOnly: isReadOnly,
    origin: "mount",
    ...(noCopy ? { noCopy } : {}),
    ...(subpath ? { subpath: posix.normalize(subpath).replace(/\/$/, "") } : {}),
    ...(driver ? { driver } : {}),
    ...(Object.keys(driverOptions).length > 0 ? { driverOptions } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
  };
}

function isInside(subpath: string): boolean {
  const path = posix.normalize(subpath);
  return !posix.isAbsolute(path) && path !== ".." && !path.startsWith("../");
}

function tmpfsOf(fields: MountFields): TmpfsMount {
  const path = targetOf(fields);
  if (fields.source) throw badConfig(fields, "field Source must not be specified", "leave out source=");
  return {
    type: "tmpfs",
    target: path,
    options: [
      ...(fields.readOnly ? ["ro"] : []),
      ...(fields.sizeBytes ? [`size=${fields.sizeBytes}`] : []),
      ...(fields.mode === undefined ? [] : [`mode=${fields.mode}`]),
    ],
    origin: "mount",
  };
}
