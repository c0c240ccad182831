// The mounts of a container as `volumes` of a compose service. Pure.
import type { MountSpec } from "../spec/storage.ts";
import { dollar } from "./compose-member.ts";
import type { YamlValue } from "./yaml.ts";

/** Those the user asked for. */
export function volumesOf(mounts: readonly MountSpec[]): YamlValue | undefined {
  const own = mounts.filter(({ origin }) => origin !== "image" && origin !== "volumes-from");
  return own.length > 0 ? own.map(volumeOf) : undefined;
}

/** The long form. */
function volumeOf(mount: MountSpec): YamlValue {
  const { type, target } = mount;
  if (mount.type === "tmpfs") return tmpfsOf(mount.target, mount.options);
  const readOnly = mount.readOnly ? { read_only: true } : {};
  if (mount.type === "bind") {
    const bind = {
      ...(mount.propagation === "rprivate" ? {} : { propagation: mount.propagation }),
      ...(mount.origin === "mount" ? { create_host_path: false } : {}),
      ...(mount.nonRecursive ? { recursive: "disabled" } : mount.writableBelow ? { recursive: "writable" } : {}),
      ...(mount.relabel ? { selinux: mount.relabel === "shared" ? "z" : "Z" } : {}),
    };
    return { type, source: dollar(mount.source), target: dollar(target), ...readOnly, ...(Object.keys(bind).length > 0 ? { bind } : {}) };
  }
  const volume = { ...(mount.noCopy ? { nocopy: true } : {}), ...(mount.subpath === undefined ? {} : { subpath: mount.subpath }) };
  return {
    type,
    ...(mount.anonymous ? {} : { source: mount.name }),
    target: dollar(target),
    ...readOnly,
    ...(Object.keys(volume).length > 0 ? { volume } : {}),
  };
}

/** In short where it has options that the long form lacks. */
function tmpfsOf(target: string, options: readonly string[]): YamlValue {
  const value = (key: string) => options.find((option) => option.startsWith(`${key}=`))?.slice(key.length + 1);
  const [size, mode] = [value("size"), value("mode")];
  const tmpfs = { ...(size === undefined ? {} : { size }), ...(mode === undefined ? {} : { mode: Number.parseInt(mode, 8) }) };
  return {
    type: "tmpfs",
    target: dollar(target),
    ...(options.includes("ro") ? { read_only: true } : {}),
    ...(Object.keys(tmpfs).length > 0 ? { tmpfs } : {}),
  };
}
