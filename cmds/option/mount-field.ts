// --mount as docker writes it, one line of CSV with fields KEY=VALUE, to a mount of a Spec.
import { posix } from "node:path";
import { TsnsError } from "../../src/base/error.ts";
import { parseBytes } from "../../src/base/unit.ts";
import type { BindMount, MountPropagation, MountSpec, TmpfsMount, VolumeMount } from "../../src/container/spec/storage.ts";
import { nameFault } from "../../src/volume/spec.ts";
import { parseCsvLine } from "./csv.ts";
import { propagations } from "./mount.ts";

/** What the fields say, before it is known whether they go together. */
interface Fields {
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

/** Throws TsnsError invalid `bad-mount` and `bad-mount-config` in docker's words. A source that starts with "./" is relative to `cwd`. */
export function parseMount(text: string, cwd: string): MountSpec {
  const fields = readFields(text, cwd);
  checkGroups(fields, text);
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

function badMount(text: string, fault: string, hint?: string): TsnsError {
  return new TsnsError(
    "invalid",
    "bad-mount",
    `invalid argument "${text}" for "--mount" flag: ${fault}`,
    hint === undefined ? {} : { hint },
  );
}

/** docker's daemon sees what the words add up to. */
function badConfig({ type }: Pick<Fields, "type">, fault: string, hint?: string): TsnsError {
  return new TsnsError(
    "invalid",
    "bad-mount-config",
    `invalid mount config for type "${type}": ${fault}`,
    hint === undefined ? {} : { hint },
  );
}

function readFields(text: string, cwd: string): Fields {
  if (text.trim() === "") throw badMount(text, "value is empty", "write it as type=bind,source=/HOST/PATH,target=/PATH");
  const list = parseCsvLine(text.trim());
  if (list === undefined)
    throw badMount(
      text,
      'bare " in non-quoted field or a quote that is not closed',
      'a field with a comma stands whole in quotes: "volume-opt=o=a,b"',
    );
  const fields: Fields = { type: "volume", target: "", readOnly: false, driverOptions: {}, labels: {}, groups: new Set() };
  for (const field of list) readField(fields, field, text, cwd);
  return fields;
}

function readField(fields: Fields, field: string, text: string, cwd: string): void {
  const at = field.indexOf("=");
  const key = (at < 0 ? field : field.slice(0, at)).toLowerCase();
  if (at < 0 && !Object.hasOwn(flags, key)) throw badMount(text, `invalid field '${field}' must be a key=value pair`);
  const read = Object.hasOwn(readers, key) ? readers[key] : undefined;
  if (!read) throw badMount(text, `unexpected key '${key}' in '${field}'`, `known are ${Object.keys(readers).join(", ")}`);
  const [group] = /^(volume|bind|tmpfs)-/.exec(key)?.slice(1) ?? [];
  if (group !== undefined) fields.groups.add(group);
  const fault = read(fields, at < 0 ? "true" : field.slice(at + 1), { key, cwd });
  if (fault !== undefined) throw badMount(text, fault);
}

type Reader = (fields: Fields, value: string, seen: { readonly key: string; readonly cwd: string }) => string | undefined;

const wrongValue = (key: string, value: string): string => `invalid value for ${key}: ${value}`;

/** Go's strconv.ParseBool. */
function parseFlag(value: string): boolean | undefined {
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  return /^(0|f|F|false|FALSE|False)$/.test(value) ? false : undefined;
}

const flag =
  (set: (fields: Fields, value: boolean) => void): Reader =>
  (fields, value, { key }) => {
    const parsed = parseFlag(value);
    if (parsed === undefined) return wrongValue(key, value);
    set(fields, parsed);
    return undefined;
  };

const word =
  (set: (fields: Fields, value: string, cwd: string) => void): Reader =>
  (fields, value, { cwd }) => {
    set(fields, value, cwd);
    return undefined;
  };

const pair =
  (which: "driverOptions" | "labels"): Reader =>
  (fields, value) => {
    const at = value.indexOf("=");
    const key = at < 0 ? value : value.slice(0, at);
    if (key !== "") fields[which][key] = at < 0 ? "" : value.slice(at + 1);
    return undefined;
  };

const source = word((fields, value, cwd) => {
  fields.source = /^\.\.?(\/|$)/.test(value) ? posix.resolve(cwd, value) : value;
});
const target = word((fields, value) => {
  fields.target = value;
});
const readOnly = flag((fields, value) => {
  fields.readOnly = value;
});

/** May stand without a value. */
const flags: Readonly<Record<string, Reader>> = {
  readonly: readOnly,
  ro: readOnly,
  "volume-nocopy": flag((fields, value) => {
    fields.noCopy = value;
  }),
  "bind-nonrecursive": flag((fields, value) => {
    fields.recursive = value ? "disabled" : "enabled";
  }),
};

const readers: Readonly<Record<string, Reader>> = {
  type: word((fields, value) => {
    fields.type = value.toLowerCase();
  }),
  source,
  src: source,
  target,
  dst: target,
  destination: target,
  ...flags,
  consistency: (_fields, value, { key }) => (/^(consistent|cached|delegated|default)$/i.test(value) ? undefined : wrongValue(key, value)),
  "bind-propagation": word((fields, value) => {
    fields.propagation = value.toLowerCase();
  }),
  "bind-recursive": (fields, value, { key }) => {
    const known = (["enabled", "disabled", "writable", "readonly"] as const).find((name) => name === value);
    if (known === undefined) return `${wrongValue(key, value)} (must be "enabled", "disabled", "writable", or "readonly")`;
    fields.recursive = known;
    return undefined;
  },
  "volume-subpath": word((fields, value) => {
    fields.subpath = value;
  }),
  "volume-driver": word((fields, value) => {
    fields.driver = value;
  }),
  "volume-opt": pair("driverOptions"),
  "volume-label": pair("labels"),
  "tmpfs-size": (fields, value, { key }) => {
    try {
      fields.sizeBytes = parseBytes(value, key);
      return undefined;
    } catch {
      return wrongValue(key, value);
    }
  },
  "tmpfs-mode": (fields, value, { key }) => {
    if (!/^[0-7]{1,5}$/.test(value)) return wrongValue(key, value);
    fields.mode = value;
    return undefined;
  },
};

function checkGroups(fields: Fields, text: string): void {
  if (fields.type === "") throw badMount(text, "type is required");
  for (const group of ["volume", "bind", "tmpfs"])
    if (fields.groups.has(group) && fields.type !== group)
      throw badMount(text, `cannot mix '${group}-*' options with mount type '${fields.type}'`);
  const { recursive } = fields;
  if ((recursive === "writable" || recursive === "readonly") && !fields.readOnly)
    throw badMount(text, `option 'bind-recursive=${recursive}' requires 'readonly' to be specified in conjunction`);
  if (recursive === "readonly" && fields.propagation !== "rprivate")
    throw badMount(text, "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction");
}

function targetOf(fields: Fields): string {
  if (fields.target === "") throw badConfig(fields, "field Target must not be empty", "give target=/PATH");
  const path = posix.normalize(fields.target).replace(/(?<=.)\/$/, "");
  if (path === "/") throw badConfig(fields, "invalid specification: destination can't be '/'", "mount it below /");
  if (!posix.isAbsolute(path)) throw badConfig(fields, `invalid mount path: '${fields.target}' mount path must be absolute`);
  return path;
}

function bindOf(fields: Fields): BindMount {
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

function volumeOf(fields: Fields): VolumeMount {
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

function tmpfsOf(fields: Fields): TmpfsMount {
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
