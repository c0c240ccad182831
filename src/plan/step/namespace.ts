// Steps on namespaces: named sets that stay without their maker, and commands in new or existing ones. Values only.

/** Makes namespaces and keeps each by a bind mount. A pid namespace leaves its process 1 behind, which only holds it. Undone by `namespace.remove`. */
export interface NamespaceCreate {
  readonly kind: "namespace.create";
  /** The private mount all sets lie on. */
  readonly base: string;
  /** Directory of the set below it; one file per kind, `holder` beside them. */
  readonly directory: string;
  /** As /proc/PID/ns names them. */
  readonly kinds: readonly string[];
  /** Lines of uid_map and gid_map; empty without user namespace. */
  readonly uidMap: string;
  readonly gidMap: string;
}

/** Takes the bind mounts of a set and its holder away; what is not there is no error. Namespaces with processes live on. */
export interface NamespaceRemove {
  readonly kind: "namespace.remove";
  readonly directory: string;
  readonly kinds: readonly string[];
}

/** Becomes a command in new namespaces; done by its use case. */
export interface NamespaceRun {
  readonly kind: "namespace.run";
  readonly kinds: readonly string[];
  readonly uidMap: string;
  readonly gidMap: string;
  /** A /proc of the new pid namespace. */
  readonly mountProc: boolean;
  readonly command: readonly string[];
}

/** Becomes a command in existing namespaces; done by its use case. */
export interface NamespaceEnter {
  readonly kind: "namespace.enter";
  readonly namespaces: readonly { readonly kind: string; readonly path: string }[];
  /** -1: as they are. */
  readonly uid: number;
  readonly gid: number;
  /** Root directory, /proc/PID/root. */
  readonly root?: string;
  readonly workingDirectory?: string;
  readonly command: readonly string[];
}

export type NamespaceStep = NamespaceCreate | NamespaceRemove | NamespaceRun | NamespaceEnter;
