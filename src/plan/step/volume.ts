// Steps on volumes. Values only.

/** Stores the record of a volume; done by its use case in a transaction of the store. */
export interface VolumePut {
  readonly kind: "volume.put";
  readonly name: string;
  readonly driver: string;
}

/** Takes a volume out of the store, unless a container uses it; done by its use case in a transaction of the store. */
export interface VolumeForget {
  readonly kind: "volume.forget";
  readonly name: string;
}

/** Copies a directory that layers show into a volume that is empty; owners, modes, attributes and further names of a file are kept. */
export interface VolumeFill {
  readonly kind: "volume.fill";
  readonly name: string;
  /** Uppermost first. */
  readonly layers: readonly string[];
  /** In the layers, without links, relative to their root. */
  readonly source: string;
  readonly data: string;
  /** A directory of the same file system for what is not complete yet. */
  readonly stage: string;
  /** Added to the owners: ids of a user namespace are others outside. */
  readonly uidShift: number;
  readonly gidShift: number;
}

/** Mounts the device of a volume on its directory, of this namespace. Undone by `mount.remove`. */
export interface VolumeMountStep {
  readonly kind: "volume.mount";
  readonly name: string;
  readonly device: string;
  readonly type: string;
  /** Words of mount(8) with commas. */
  readonly options: string;
  readonly data: string;
}

/** Extracts a tar, compressed or not, over what is in a volume; done by its use case. */
export interface VolumeImport {
  readonly kind: "volume.import";
  /** "-" for standard input. */
  readonly archive: string;
  readonly data: string;
}

/** Writes the files of a volume as a tar; done by its use case. */
export interface VolumeExport {
  readonly kind: "volume.export";
  readonly data: string;
  /** "-" for standard output. */
  readonly archive: string;
}

/** Lets a plug-in mount a volume, which it makes if need be, and binds it on the volume's directory. */
export interface PluginMount {
  readonly kind: "plugin.mount";
  readonly name: string;
  readonly driver: string;
  /** `unix:///PATH` or `tcp://HOST:PORT`. */
  readonly address: string;
  readonly options: Readonly<Record<string, string>>;
  /** Who mounts, for the plug-in to count. */
  readonly id: string;
  readonly data: string;
}

/** Undoes it. */
export interface PluginUnmount {
  readonly kind: "plugin.unmount";
  readonly name: string;
  readonly driver: string;
  readonly address: string;
  readonly id: string;
  readonly data: string;
}

export type VolumeStep =
  | VolumePut
  | VolumeForget
  | VolumeFill
  | VolumeMountStep
  | VolumeImport
  | VolumeExport
  | PluginMount
  | PluginUnmount;
