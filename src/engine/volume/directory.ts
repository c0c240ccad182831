// Where the files of volumes lie below the data root: docker's layout.
import type { MountSpec } from "../../container/spec/storage.ts";

export interface VolumeDirectory {
  readonly path: string;
  /** What containers see. */
  readonly data: string;
}

export const volumesDirectory = (root: string): string => `${root}/volumes`;

export function volumeDirectory(root: string, name: string): VolumeDirectory {
  const path = `${volumesDirectory(root)}/${name}`;
  return { path, data: `${path}/_data` };
}

/** The directories of the volumes that a container mounts, by their names. */
export function volumeSources(engine: { readonly root: string }, mounts: readonly MountSpec[]): Record<string, string> {
  return Object.fromEntries(
    mounts.flatMap((mount) => (mount.type === "volume" ? [[mount.name, volumeDirectory(engine.root, mount.name).data]] : [])),
  );
}
