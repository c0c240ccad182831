// What a container's Spec says of its mounts.

/** A bind mount or tmpfs asked for on the command line. */
export type MountSpec =
  | {
      readonly type: "bind";
      readonly source: string;
      readonly target: string;
      readonly readOnly: boolean;
      readonly propagation: "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave";
    }
  | { readonly type: "tmpfs"; readonly target: string; readonly options: readonly string[] };

export interface StorageSettings {
  readonly mounts: readonly MountSpec[];
}
