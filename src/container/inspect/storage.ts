// What `HostConfig` of docker's inspect document says of mounts. Pure.

import { volumeWord } from "../mount-word.ts";
import type { MountSpec, TmpfsMount } from "../spec/storage.ts";
import type { ContainerSpec } from "../spec.ts";
import { unlessEmpty } from "./unset.ts";

/** Always there. */
export function storageView({ mounts, volumeDriver, volumesFrom }: ContainerSpec): Record<string, unknown> {
  const binds = mounts.flatMap(bindText);
  return { Binds: binds.length > 0 ? binds : null, VolumeDriver: volumeDriver ?? "", VolumesFrom: volumesFrom ?? null };
}

/** Left out while there are none. */
export function optionalStorage({ mounts, storageBytes }: ContainerSpec): Record<string, unknown> {
  const tmpfs = mounts.flatMap((mount) =>
    mount.type === "tmpfs" && mount.origin !== "mount" ? [[mount.target, mount.options.join(",")]] : [],
  );
  return {
    Mounts: unlessEmpty(mounts.filter(({ origin }) => origin === "mount").map(askedMount)),
    StorageOpt: storageBytes === undefined ? undefined : { size: `${storageBytes}` },
    Tmpfs: unlessEmpty(Object.fromEntries(tmpfs)),
  };
}

/** `-v` as it can be written again; an anonymous volume is in `Config.Volumes` instead. */
function bindText(mount: MountSpec): string[] {
  if (mount.type === "tmpfs" || (mount.origin !== undefined && mount.origin !== "volume")) return [];
  if (mount.type === "volume" && mount.anonymous) return [];
  return [volumeWord(mount)];
}

/** `--mount` in the shape of the API. */
function askedMount(mount: MountSpec): Record<string, unknown> {
  const shared = { Type: mount.type, Target: mount.target };
  if (mount.type === "tmpfs") return { ...shared, ...tmpfsMembers(mount) };
  const readOnly = mount.readOnly ? { ReadOnly: true } : {};
  if (mount.type === "bind") {
    const options = {
      ...(mount.propagation === "rprivate" ? {} : { Propagation: mount.propagation }),
      ...(mount.nonRecursive ? { NonRecursive: true } : {}),
      ...(mount.writableBelow ? { ReadOnlyNonRecursive: true } : {}),
    };
    return { ...shared, Source: mount.source, ...readOnly, ...(unlessEmpty(options) ? { BindOptions: options } : {}) };
  }
  const options = {
    ...(mount.noCopy ? { NoCopy: true } : {}),
    ...(mount.labels ? { Labels: mount.labels } : {}),
    ...(mount.subpath === undefined ? {} : { Subpath: mount.subpath }),
    ...(mount.driver === undefined ? {} : { DriverConfig: { Name: mount.driver, Options: mount.driverOptions ?? {} } }),
  };
  return {
    ...shared,
    ...(mount.anonymous ? {} : { Source: mount.name }),
    ...readOnly,
    ...(unlessEmpty(options) ? { VolumeOptions: options } : {}),
  };
}

/** --mount keeps its size in bytes; the mode is octal there and a number in the API. */
function tmpfsMembers({ options }: TmpfsMount): Record<string, unknown> {
  const value = (key: string) => options.find((option) => option.startsWith(`${key}=`))?.slice(key.length + 1);
  const [size, mode] = [value("size"), value("mode")];
  const numbers = {
    ...(size === undefined ? {} : { SizeBytes: Number(size) }),
    ...(mode === undefined ? {} : { Mode: Number.parseInt(mode, 8) }),
  };
  return { ...(options.includes("ro") ? { ReadOnly: true } : {}), ...(unlessEmpty(numbers) ? { TmpfsOptions: numbers } : {}) };
}
