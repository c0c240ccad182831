// What a container's Spec says of its namespaces.

/** Which namespace a container gets: its own, the host's, or another container's. */
export type NamespaceMode =
  | { readonly mode: "private" }
  | { readonly mode: "host" }
  | { readonly mode: "container"; readonly container: string };

export interface IsolationSettings {
  readonly pid: NamespaceMode;
  readonly ipc: NamespaceMode;
  readonly uts: NamespaceMode;
  /** User namespace: undefined is the host's. Ids are host ids of container id 0. */
  readonly userNamespace?: { readonly uid: number; readonly gid: number; readonly size: number };
}
