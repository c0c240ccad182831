// Steps on mounts of this or another mount namespace. Values only.

/** How events of mounts and unmounts spread, mount_namespaces(7). */
export type Propagation = "private" | "slave" | "shared" | "unbindable";

/** Where a mount is made. Targets are absolute in that namespace, without links. */
export interface MountPlace {
  /** A namespace file, /proc/PID/ns/mnt for instance; absent: this process's namespace. */
  readonly namespacePath?: string;
}

/** Binds a tree of this namespace, with its attributes and propagation set before it can be seen. */
export interface MountBind extends MountPlace {
  readonly kind: "mount.bind";
  readonly source: string;
  readonly target: string;
  /** With the mounts below it. */
  readonly recursive: boolean;
  readonly readOnly: boolean;
  readonly propagation?: Propagation;
}

/** Mounts an overlay of directories of this namespace. */
export interface MountOverlay extends MountPlace {
  readonly kind: "mount.overlay";
  readonly target: string;
  /** Uppermost first. */
  readonly lower: readonly string[];
  readonly upper?: string;
  readonly work?: string;
  readonly readOnly: boolean;
  /** Further options of overlayfs, `metacopy=on`, or `volatile` alone. */
  readonly options: readonly string[];
}

/** Unmounts one mount; one that is not there is no error. */
export interface MountRemove extends MountPlace {
  readonly kind: "mount.remove";
  readonly target: string;
  /** Out of sight at once, gone when nobody uses it any more (MNT_DETACH). */
  readonly lazy: boolean;
}

/** Makes one directory or empty file to mount on; its parent is there. */
export interface MountPointCreate extends MountPlace {
  readonly kind: "mountpoint.create";
  readonly path: string;
  readonly type: "directory" | "file";
}

/** Removes an empty mount point; a missing one, or a directory that has got contents, is left as it is. */
export interface MountPointRemove extends MountPlace {
  readonly kind: "mountpoint.remove";
  readonly path: string;
  readonly type: "directory" | "file";
}

export type MountStep = MountBind | MountOverlay | MountRemove | MountPointCreate | MountPointRemove;
