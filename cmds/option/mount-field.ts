// --mount as docker writes it, one line of CSV with fields KEY=VALUE, read field by field.
import { posix } from "node:path";
import { TsnsError } from "../../src/base/error.ts";
import { parseBytes } from "../../src/base/unit.ts";
import type { MountSpec } from "../../src/container/spec/storage.ts";
import { parseCsvLine } from "./csv.ts";
import { type MountFields, mountOf } from "./mount-config.ts";

/** Throws TsnsError invalid `bad-mount` and `bad-mount-config` in docker's words. A source that starts with "./" is relative to `cwd`. */
export function parseMount(text: string, cwd: string): MountSpec {
  const fields = readFields(text, cwd);
  checkGroups(fields, text);
  return mountOf(fields);
}

function badMount(text: string, fault: string, hint?: string): TsnsError {
  return new TsnsError(
    "invalid",
    "bad-mount",
    `invalid argument "${text}" for "--mount" flag: ${fault}`,
    hint === undefined ? {} : { hint },
  );
}

function readFields(text: string, cwd: string): MountFields {
  if (text.trim() === "") throw badMount(text, "value is empty", "write it as type=bind,source=/HOST/PATH,target=/PATH");
  const list = parseCsvLine(text.trim());
  if (list === undefined)
    throw badMount(
      text,
      'bare " in non-quoted field or a quote that is not closed',
      'a field with a comma stands whole in quotes: "volume-opt=o=a,b"',
    );
  const fields: MountFields = { type: "volume", target: "", readOnly: false, driverOptions: {}, labels: {}, groups: new Set() };
  for (const field of list) readField(fields, field, text, cwd);
  return fields;
}

function readField(fields: MountFields, field: string, text: string, cwd: string): void {
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

type Reader = (fields: MountFields, value: string, seen: { readonly key: string; readonly cwd: string }) => string | undefined;

const wrongValue = (key: string, value: string): string => `invalid value for ${key}: ${value}`;

/** Go's strconv.ParseBool. */
function parseFlag(value: string): boolean | undefined {
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true;
  return /^(0|f|F|false|FALSE|False)$/.test(value) ? false : undefined;
}

const flag =
  (set: (fields: MountFields, value: boolean) => void): Reader =>
  (fields, value, { key }) => {
    const parsed = parseFlag(value);
    if (parsed === undefined) return wrongValue(key, value);
    set(fields, parsed);
    return undefined;
  };

const word =
  (set: (fields: MountFields, value: string, cwd: string) => void): Reader =>
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

function checkGroups(fields: MountFields, text: string): void {
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
