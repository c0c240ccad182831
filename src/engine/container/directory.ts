// Where a container's files lie below the data root.

export interface ContainerDirectory {
  /** State files of the monitor, generated files, writable layer. */
  readonly path: string;
  readonly upper: string;
  readonly work: string;
  /** Mount point of the root file system inside the container's own mount namespace; empty on the host. */
  readonly root: string;
  readonly log: string;
  /** The log of every driver but json-file, as far as it is kept here. */
  readonly localLog: string;
  /** Operation list on its way to the native helper. */
  readonly plan: string;
  readonly attachSocket: string;
  /** File system image of upper and work for the host image, and its mount point in the monitor's namespace. */
  readonly upperImage: string;
  readonly upperMount: string;
  /** For another OCI runtime: its bundle, with what it and the monitor tell each other, and its `--root`. */
  readonly bundle: string;
  readonly runtimeState: string;
}

export function containerDirectory(root: string, id: string): ContainerDirectory {
  const path = `${root}/containers/${id}`;
  return {
    path,
    upper: `${path}/upper`,
    work: `${path}/work`,
    root: `${path}/root`,
    log: `${path}/${id}-json.log`,
    localLog: `${path}/${id}-local.log`,
    plan: `${path}/plan`,
    attachSocket: `${path}/attach`,
    upperImage: `${path}/upper.ext4`,
    upperMount: `${path}/layer`,
    bundle: `${path}/bundle`,
    runtimeState: `${path}/runtime`,
  };
}
