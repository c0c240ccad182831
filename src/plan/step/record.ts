// Steps of the store: records, images and their layers. Their use cases do them. Values only.

/** Stores the record of a container; done by its use case in the transaction of the store, shown here. */
export interface RecordPut {
  readonly kind: "record.put";
  readonly container: string;
  readonly name: string;
}

/** Unpacks a tar, compressed or not, into a new directory. Exactly one of `archive` and `program` is given; done by its use case. */
export interface LayerUnpack {
  readonly kind: "layer.unpack";
  /** File of the tar; "-" for standard input. */
  readonly archive?: string;
  /** The member of `archive` that is the tar. */
  readonly member?: string;
  /** The command that writes the tar to its standard output. */
  readonly program?: readonly string[];
  readonly directory: string;
}

/** Copies an archive that cannot be read at any position (compressed, or a pipe); done by its use case. */
export interface ArchiveCopy {
  readonly kind: "archive.copy";
  /** "-" for standard input. */
  readonly source: string;
  readonly path: string;
}

/** Moves an image's unpacked layers into place and stores it with its names; done by its use case in one transaction of the store. */
export interface ImagePut {
  readonly kind: "image.put";
  /** Absent: known when its layers are. */
  readonly id?: string;
  readonly names: readonly string[];
}

/** Gives an image a name, taking it from another if need be; done by its use case in a transaction of the store. */
export interface ImageTag {
  readonly kind: "image.tag";
  readonly id: string;
  readonly name: string;
}

/** Takes a name from its image; done by its use case in a transaction of the store. */
export interface ImageUntag {
  readonly kind: "image.untag";
  readonly name: string;
}

/** Takes an image out of the store; done by its use case in a transaction of the store. What nothing leads to then is collected. */
export interface ImageRemove {
  readonly kind: "image.remove";
  readonly id: string;
}

/** Takes a tag, or else a manifest with its tags, from a repository of the own registry; done by its use case in a transaction of the store. */
export interface RepositoryRemove {
  readonly kind: "repository.remove";
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

export type RecordStep = RecordPut | LayerUnpack | ArchiveCopy | ImagePut | ImageTag | ImageUntag | ImageRemove | RepositoryRemove;
