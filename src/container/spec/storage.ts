// What a container's Spec says of its mounts.

export type MountPropagation = "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave";

/** How a mount was asked for; inspect shows it where docker does. */
export type MountOrigin = "volume" | "mount" | "tmpfs" | "image" | "volumes-from";

interface MountBase {
  /** Absolute and normal, in the container. */
  readonly target: string;
  /** Absent in records of older stores: "volume" or "tmpfs". */
  readonly origin?: MountOrigin;
  /** Asked to carry the container's SELinux label: "shared" with others (z) or "private" (Z). */
  readonly relabel?: "shared" | "private";
}

export interface BindMount extends MountBase {
  readonly type: "bind";
  readonly source: string;
  readonly readOnly: boolean;
  readonly propagation: MountPropagation;
  /** Without the mounts below the source. */
  readonly nonRecursive?: boolean;
  /** Read-only itself, while the mounts below the source stay as they are. */
  readonly writableBelow?: boolean;
}

export interface VolumeMount extends MountBase {
  readonly type: "volume";
  /** Of an anonymous volume empty in a request; the Spec has the name it got. */
  readonly name: string;
  readonly readOnly: boolean;
  /** Nobody gave it a name: it goes with its last container when that goes with its volumes. */
  readonly anonymous: boolean;
  /** The image's content at the target is not copied into an empty volume. */
  readonly noCopy?: boolean;
  /** What lies there in the volume is mounted, and nothing else. */
  readonly subpath?: string;
  /** Of a volume that is made with the container. */
  readonly driver?: string;
  readonly driverOptions?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface TmpfsMount extends MountBase {
  readonly type: "tmpfs";
  readonly options: readonly string[];
}

/** A mount asked for on the command line or by the image. */
export type MountSpec = BindMount | VolumeMount | TmpfsMount;

export interface StorageSettings {
  readonly mounts: readonly MountSpec[];
  /** Containers whose binds and volumes are mounted as well, "NAME[:ro]", as they were written. */
  readonly volumesFrom?: readonly string[];
  /** Driver of the volumes of -v. */
  readonly volumeDriver?: string;
  /** At most so much can be written to the root file system. */
  readonly storageBytes?: number;
}
