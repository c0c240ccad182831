// The mounts of an OCI configuration: the standard ones, generated files, and what was asked for, each below what it lies in. Pure.
import { posix } from "node:path";
import type { MountSpec } from "../spec/storage.ts";
import type { ContainerSpec } from "../spec.ts";
import type { CompileInput } from "./compile.ts";
import { cgroupMount, standardMounts } from "./default.ts";
import type { OciMount } from "./type.ts";

export function mountsOf(spec: ContainerSpec, { files, volumes, join }: Pick<CompileInput, "files" | "volumes" | "join">): OciMount[] {
  const targets = new Set(spec.mounts.map((mount) => mount.target));
  const standard = [...standardMounts(spec, join.sharedMemory), ...(targets.has(cgroupMount.destination) ? [] : [cgroupMount])]
    // a /dev of the user's comes whole, as docker has it
    .filter((mount) => !targets.has(mount.destination) && !(targets.has("/dev") && mount.destination.startsWith("/dev/")))
    .map((mount) => (spec.privileged ? { ...mount, options: mount.options.filter((option) => option !== "ro") } : mount));
  const generated: OciMount[] = files
    .filter((file) => !targets.has(file.target) && !liesReadOnly(file.target, spec.mounts))
    .map((file) => ({ destination: file.target, type: "bind", source: file.source, options: ["bind", "rprivate"] }));
  const asked = spec.mounts.map((mount) => userMount(mount, volumes));
  // a volume over /etc does not hide /etc/hosts
  return [...standard, ...[...asked, ...generated].sort((a, b) => depth(a.destination) - depth(b.destination))];
}

/** In a read-only mount nothing can be mounted that is not there already, which is not known here: that keeps its own files. */
const liesReadOnly = (path: string, mounts: readonly MountSpec[]): boolean =>
  mounts.some(
    (mount) => mount.type !== "tmpfs" && mount.readOnly && path.startsWith(`${posix.normalize(mount.target).replace(/\/$/, "")}/`),
  );

const depth = (path: string): number => posix.normalize(path).split("/").length;

/** Of a read-only bind what lies below may be written. */
const isTopAlone = (mount: MountSpec): boolean => mount.type === "bind" && (mount.nonRecursive === true || mount.writableBelow === true);

function userMount(mount: MountSpec, volumes: CompileInput["volumes"]): OciMount {
  if (mount.type === "tmpfs")
    return { destination: mount.target, type: "tmpfs", source: "tmpfs", options: ["nosuid", "nodev", "noexec", ...mount.options] };
  return {
    destination: mount.target,
    type: "bind",
    source: mount.type === "bind" ? mount.source : (volumes[mount.name] ?? ""),
    options: [
      mount.type === "bind" && mount.nonRecursive ? "bind" : "rbind",
      mount.type === "bind" ? mount.propagation : "rprivate",
      ...(mount.readOnly ? [isTopAlone(mount) ? "ro" : "rro"] : []),
    ],
    ...(mount.type === "volume" && mount.subpath !== undefined ? { subpath: mount.subpath } : {}),
  };
}
