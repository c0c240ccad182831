// `Mounts` of docker's inspect document. Pure.
import type { MountSpec } from "../spec/storage.ts";

export function mountView(mount: MountSpec): Record<string, unknown> {
  if (mount.type === "tmpfs")
    return { Type: "tmpfs", Source: "", Destination: mount.target, Mode: mount.options.join(","), RW: true, Propagation: "" };
  return {
    Type: "bind",
    Source: mount.source,
    Destination: mount.target,
    Mode: mount.readOnly ? "ro" : "",
    RW: !mount.readOnly,
    Propagation: mount.propagation,
  };
}
