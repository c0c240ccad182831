// `Mounts` of docker's inspect document. Pure.
import { localDriver } from "../../volume/spec.ts";
import { volumeModes } from "../mount-word.ts";
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
  const shared = { Destination: target, Mode: modeOf(mount), RW: !mount.readOnly };
  if (type === "bind") return { Type: "bind", Source: mount.source, ...shared, Propagation: mount.propagation };
  const [source, driver] = [volumes[mount.name] ?? "", mount.driver ?? localDriver];
  return { Type: "volume", Name: mount.name, Source: source, Driver: driver, ...shared, Propagation: "" };
}

/** What was written after the path of -v; docker marks a volume with a name by the label option "z" where that was nothing, and with --mount. */
function modeOf(mount: Exclude<MountSpec, { readonly type: "tmpfs" }>): string {
  const { type, origin } = mount;
  const modes = volumeModes(mount);
  const written = (origin === "volumes-from" ? modes.filter((mode) => mode !== "nocopy") : modes).join(",");
  const unmarked = type === "bind" || mount.anonymous ? "" : "z";
  return origin === "mount" ? unmarked : written || unmarked;
}
