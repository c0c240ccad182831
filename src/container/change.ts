// Changes of a container's root file system without what tsns itself left there: the mount points of generated files and standard mounts.

export interface RootChange {
  /** Added, changed, deleted. */
  readonly kind: "A" | "C" | "D";
  /** Absolute inside the container. */
  readonly path: string;
}

const mountPoints: ReadonlySet<string> = new Set([
  "/dev",
  "/dev/console",
  "/dev/mqueue",
  "/dev/pts",
  "/dev/shm",
  "/etc/hostname",
  "/etc/hosts",
  "/etc/resolv.conf",
  "/proc",
  "/sys",
]);

/** Drops the mount points, and a directory that is "changed" only because it holds some of them. */
export function withoutMountPoints<C extends RootChange>(changes: readonly C[]): C[] {
  const kept = changes.filter(({ kind, path }) => kind !== "A" || !mountPoints.has(path));
  return kept.filter(({ path }) => path !== "/etc" || !touched(changes, path) || touched(kept, path));
}

function touched(changes: readonly RootChange[], directory: string): boolean {
  return changes.some(({ path }) => path.startsWith(`${directory}/`));
}
