// A bind or volume as -v asks for it. Pure.
import type { BindMount, VolumeMount } from "./spec/storage.ts";

/** In docker's order: ro, nocopy, the SELinux label, the propagation. */
export function volumeModes(mount: BindMount | VolumeMount): readonly string[] {
  const { readOnly, relabel } = mount;
  return [
    ...(readOnly ? ["ro"] : []),
    ...(mount.type === "volume" && mount.noCopy ? ["nocopy"] : []),
    ...(relabel ? [relabel === "shared" ? "z" : "Z"] : []),
    ...(mount.type === "bind" && mount.propagation !== "rprivate" ? [mount.propagation] : []),
  ];
}

/** `SOURCE:TARGET[:MODES]`, as -v takes it. */
export function volumeWord(mount: BindMount | VolumeMount): string {
  const source = mount.type === "bind" ? mount.source : mount.name;
  return [source, mount.target, volumeModes(mount).join(",")].filter((part) => part !== "").join(":");
}
