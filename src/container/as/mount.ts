// A mount as the options that ask for it: -v, --tmpfs, --mount. Pure.
import { volumeWord } from "../mount-word.ts";
import type { BindMount, MountSpec, TmpfsMount, VolumeMount } from "../spec/storage.ts";

/** None for a mount that comes by itself: of the image, or with --volumes-from. */
export function mountWords(mount: MountSpec): readonly string[] {
  if (mount.origin === "image" || mount.origin === "volumes-from") return [];
  if (mount.type === "tmpfs") return mount.origin === "mount" ? ["--mount", csv(tmpfsFields(mount))] : ["--tmpfs", tmpfsWord(mount)];
  if (mount.origin === "mount") return ["--mount", csv(mount.type === "bind" ? bindFields(mount) : volumeFields(mount))];
  return ["-v", mount.type === "volume" && mount.anonymous ? mount.target : volumeWord(mount)];
}

function tmpfsWord({ target, options }: TmpfsMount): string {
  return options.length > 0 ? `${target}:${options.join(",")}` : target;
}

function bindFields({ source, target, readOnly, propagation, nonRecursive, writableBelow }: BindMount): string[] {
  return [
    "type=bind",
    `source=${source}`,
    `target=${target}`,
    ...(readOnly ? ["readonly"] : []),
    ...(propagation === "rprivate" ? [] : [`bind-propagation=${propagation}`]),
    ...(nonRecursive ? ["bind-recursive=disabled"] : []),
    ...(writableBelow ? ["bind-recursive=writable"] : []),
  ];
}

function volumeFields(mount: VolumeMount): string[] {
  const { name, anonymous, target, readOnly, noCopy, subpath, driver, driverOptions = {}, labels = {} } = mount;
  return [
    "type=volume",
    ...(anonymous ? [] : [`source=${name}`]),
    `target=${target}`,
    ...(readOnly ? ["readonly"] : []),
    ...(noCopy ? ["volume-nocopy"] : []),
    ...(subpath === undefined ? [] : [`volume-subpath=${subpath}`]),
    ...(driver === undefined ? [] : [`volume-driver=${driver}`]),
    ...Object.entries(driverOptions).map(([key, value]) => `volume-opt=${key}=${value}`),
    ...Object.entries(labels).map(([key, value]) => `volume-label=${key}=${value}`),
  ];
}

function tmpfsFields({ target, options }: TmpfsMount): string[] {
  const fields: Readonly<Record<string, string>> = { size: "tmpfs-size", mode: "tmpfs-mode" };
  return [
    "type=tmpfs",
    `target=${target}`,
    ...options.map((option) => {
      const [key = "", value = ""] = option.split("=", 2);
      return option === "ro" ? "readonly" : `${fields[key] ?? key}=${value}`;
    }),
  ];
}

/** One line of CSV: a field with a comma, a quote or an edge of white space stands in quotes. */
function csv(fields: readonly string[]): string {
  return fields.map((field) => (/[",\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(",");
}
