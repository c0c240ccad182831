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

/** Copies between a container and the host; done by its use case. */
export interface TreeCopy {
  readonly kind: "tree.copy";
  /** Which of the two paths is the container's. */
  readonly direction: "from-container" | "to-container";
  /** Path of the container's root on the host; with `mounts` it is mounted there first. */
  readonly root: string;
  readonly mounts?: TreeMounts;
  /** In the container. */
  readonly inside: string;
  /** On the host, or "-" for a tar on standard input or output. */
  readonly outside: string;
  /** Links in the source are followed at its end. */
  readonly follow: boolean;
  /** A copy belongs to whom the original does. */
  readonly owners: boolean;
  /** What is added to ids of the source: into a user namespace its first, out of one as much less. */
  readonly shift?: { readonly uid: number; readonly gid: number };
}

/** What makes the root of a container that does not run. */
export interface TreeMounts {
  readonly overlay: { readonly lower: readonly string[]; readonly upper: string; readonly work: string };
  /** File system image that holds `upper` and `work`, and its mount point. */
  readonly upperImage?: { readonly file: string; readonly target: string };
  /** Mount points of the lower layers seen through the container's ids. */
  readonly mapped?: { readonly lower: readonly string[]; readonly hostUid: number; readonly hostGid: number; readonly size: number };
  /** Paths on the host and in the container. */
  readonly binds: readonly { readonly source: string; readonly target: string; readonly readOnly: boolean }[];
}

export type ImageStep = ManifestFetch | BlobFetch | ArchiveWrite | TreeExport | TreeCopy | BlobPush | ManifestPush;
