// `Mounts` of docker's inspect document. Pure.
import { localDriver } from "../../volume/spec.ts";
import type { MountSpec } from "../spec/storage.ts";

/** `volumes`: directories of the volumes by their names. */
export function mountView(mount: MountSpec, volumes: Readonly<Record<string, string>>): Record<string, unknown> {
  const { type, target } = mount;
  if (type === "tmpfs")
    return {
      Type: "tmpfs",
      Source: "",
      Destination: target,
      Mode: mount.origin === "mount" ? "" : mount.options.join(","),
      RW: !mount.options.includes("ro"),
      Propagation: "",
    };
  const shared = { Destination: target, Mode: modeOf(mount), RW: !mount.readOnly, Propagation: mount.propagation ?? "" };
  if (type === "bind") return { Type: "bind", Source: mount.source, ...shared };
  return { Type: "volume", Name: mount.name, Source: volumes[mount.name] ?? "", Driver: mount.driver ?? localDriver, ...shared };
}

/** docker marks a volume with a name by its label option "z", whether the host has labels or not. */
function modeOf(mount: Exclude<MountSpec, { readonly type: "tmpfs" }>): string {
  if (mount.origin === "mount" && mount.type === "bind") return "";
  if (mount.readOnly && mount.origin !== "mount") return "ro";
  return mount.type === "volume" && !mount.anonymous ? "z" : "";
}
