// Steps on volumes, done by their use cases. Values only.

/** Stores the record of a volume in a transaction of the store. */
export interface VolumePut {
  readonly kind: "volume.put";
  readonly name: string;
  readonly driver: string;
}

/** Takes a volume out of the store, unless a container uses it. */
export interface VolumeForget {
  readonly kind: "volume.forget";
  readonly name: string;
}

export type VolumeStep = VolumePut | VolumeForget;
