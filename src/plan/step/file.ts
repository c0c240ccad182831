// Steps on directories and files, mostly of tsns's own. Values only.

/** Ids of the host's user namespace. */
export interface HostOwner {
  readonly uid: number;
  readonly gid: number;
}

/** Creates a directory (mkdir(2)), its parents too. Undone by `tree.remove` or `directory.remove`. */
export interface DirectoryCreate {
  readonly kind: "directory.create";
  readonly path: string;
  readonly mode: number;
  /** Absent: this process. */
  readonly owner?: HostOwner;
  /** What will be in it are unrelated trees, and the file system is told so where it has a mark for that: `T` of chattr(1). */
  readonly spread?: true;
}

/** Removes one empty directory; a missing one is no error. */
export interface DirectoryRemove {
  readonly kind: "directory.remove";
  readonly path: string;
}

/** Removes a tree below tsns's own data root; never crosses a mount point or follows a link. `path` must be below `within`. */
export interface TreeRemove {
  readonly kind: "tree.remove";
  readonly path: string;
  readonly within: string;
}

/**
 * Undoes an unfinished change of a tree from what it kept in the hidden directory `kept` of it; where the change was whole, takes away what
 * was kept. Neither being there is no error.
 */
export interface TreeRestore {
  readonly kind: "tree.restore";
  readonly path: string;
  /** A name in `path`. */
  readonly kept: string;
}

/** Writes a file of tsns's own, replacing it. */
export interface FileWrite {
  readonly kind: "file.write";
  readonly path: string;
  readonly text: string;
  /** Host ids of its owner; absent: this process. */
  readonly owner?: HostOwner;
  readonly mode: number;
}

/** Makes an ext4 file system of `bytes` in a sparse file, for an upper directory that must not lie below its lower one. */
export interface FilesystemCreate {
  readonly kind: "filesystem.create";
  readonly path: string;
  readonly bytes: number;
}

export type FileStep = DirectoryCreate | DirectoryRemove | TreeRemove | TreeRestore | FileWrite | FilesystemCreate;
