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

/** What was written after the path of -v; docker marks a volume with a name by the label option "z" where that was nothing, and with --mount. */
function modeOf(mount: Exclude<MountSpec, { readonly type: "tmpfs" }>): string {
  const { type, readOnly, relabel, propagation, origin } = mount;
  const written = [
    ...(readOnly ? ["ro"] : []),
    ...(type === "volume" && mount.noCopy && origin !== "volumes-from" ? ["nocopy"] : []),
    ...(relabel ? [relabel === "shared" ? "z" : "Z"] : []),
    ...(type === "bind" && propagation !== "rprivate" ? [propagation] : []),
  ].join(",");
  const unmarked = type === "bind" || mount.anonymous ? "" : "z";
  return origin === "mount" ? unmarked : written || unmarked;
}
