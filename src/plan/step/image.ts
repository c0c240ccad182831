// Steps that hand images and file systems on: archives, registries. Their use cases do them. Values only.

/** Writes images into one archive; done by its use case. */
export interface ArchiveWrite {
  readonly kind: "archive.write";
  /** "-" for standard output. */
  readonly path: string;
  /** Names, or ids where they have none. */
  readonly images: readonly string[];
  /** What is in it, as far as that is files and texts; absent where layers are packed or put together on the way. */
  readonly members?: readonly ArchiveMember[];
}

export type ArchiveMember = { readonly path: string } & ({ readonly file: string } | { readonly text: string });

/** Packs a merged tree as a tar; done by its use case. */
export interface TreeExport {
  readonly kind: "tree.export";
  /** Layers, uppermost first. */
  readonly layers: readonly string[];
  /** "-" for standard output. */
  readonly path: string;
}

/** Sends a layer or a configuration to a registry that does not have it yet; done by its use case. */
export interface BlobPush {
  readonly kind: "blob.push";
  readonly digest: string;
  /** HOST[:PORT]/REPOSITORY */
  readonly repository: string;
  /** The file with its bytes; absent where they are made on the way. */
  readonly path?: string;
  /** Another repository of the registry, which lends it: no bytes move. */
  readonly from?: string;
}

/** Gives a registry a manifest under a tag or its digest; done by its use case. */
export interface ManifestPush {
  readonly kind: "manifest.push";
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
  readonly mediaType: string;
  readonly path?: string;
  /** Its bytes, where they are no file. */
  readonly text?: string;
}

/** Fetches a manifest or index; verified against its digest, done by its use case. */
export interface ManifestFetch {
  readonly kind: "manifest.fetch";
  /** HOST[:PORT]/REPOSITORY */
  readonly repository: string;
  /** A tag or a digest. */
  readonly reference: string;
  readonly digest: string;
  readonly mediaType: string;
  /** The file it becomes. */
  readonly path: string;
}

/** Fetches a layer or a configuration; verified against its digest, done by its use case. */
export interface BlobFetch {
  readonly kind: "blob.fetch";
  readonly repository: string;
  readonly digest: string;
  readonly path: string;
}

export type ImageStep = ManifestFetch | BlobFetch | ArchiveWrite | TreeExport | BlobPush | ManifestPush;
