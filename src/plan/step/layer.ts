// Steps on layers outside the store: packing an upper directory, applying a tar to a directory. Values only.

/** Writes an overlay's upper directory as a layer tar with OCI whiteouts. */
export interface LayerPack {
  readonly kind: "layer.pack";
  readonly directory: string;
  /** Where the data of files lies that were copied up without it (metacopy): uppermost first. */
  readonly lower: readonly string[];
  /** "-" for standard output. */
  readonly archive: string;
  /** Absolute paths in the tree that are not packed: what was only made to mount something there. */
  readonly leaveOut?: readonly string[];
  /** Seconds since the epoch; later times are set to it, and all lose their fractions. */
  readonly sourceDateEpoch?: number;
}

/** Extracts a layer tar into a directory that is there. */
export interface LayerApply {
  readonly kind: "layer.apply";
  readonly archive: string;
  readonly directory: string;
  /** "overlay": whiteouts become overlay's; "delete": what they name is removed. */
  readonly whiteouts: "overlay" | "delete";
}

export type LayerStep = LayerPack | LayerApply;
