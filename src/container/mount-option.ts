// Mount options as mount(8) and the OCI specification write them, split into flags, propagation and data.
import { MS } from "../plan/operation.ts";

export interface MountOptions {
  /** MS_* of mount(2) without MS_BIND, MS_REC and propagation. */
  readonly flags: number;
  readonly bind: boolean;
  readonly recursive: boolean;
  /** "rro": read-only with all mounts below (runtime-spec config.md); "ro" alone leaves these as they are. */
  readonly readOnlyBelow: boolean;
  /** One of MS_PRIVATE, MS_SLAVE, MS_SHARED, perhaps with MS_REC; 0 for none. */
  readonly propagation: number;
  /** What is left, for the file system itself. */
  readonly data: string;
}

const set: Readonly<Record<string, number>> = {
  ro: MS.RDONLY,
  nosuid: MS.NOSUID,
  nodev: MS.NODEV,
  noexec: MS.NOEXEC,
  noatime: MS.NOATIME,
  relatime: MS.RELATIME,
  strictatime: MS.STRICTATIME,
};
const clear: Readonly<Record<string, number>> = { rw: MS.RDONLY, suid: MS.NOSUID, dev: MS.NODEV, exec: MS.NOEXEC, atime: MS.NOATIME };
/** Mount propagation (mount_namespaces(7)), but for what keeps a mount from being bound. */
export const propagations: Readonly<Record<string, number>> = {
  private: MS.PRIVATE,
  rprivate: MS.PRIVATE | MS.REC,
  slave: MS.SLAVE,
  rslave: MS.SLAVE | MS.REC,
  shared: MS.SHARED,
  rshared: MS.SHARED | MS.REC,
};

/** Splits a list of options; later ones win. */
export function parseMountOptions(options: readonly string[]): MountOptions {
  let flags = 0;
  let propagation = 0;
  let bind = false;
  let recursive = false;
  let readOnlyBelow = false;
  const data: string[] = [];
  for (const option of options) {
    if (option === "bind" || option === "rbind") {
      bind = true;
      recursive = option === "rbind";
    } else if (option === "rro") {
      flags |= MS.RDONLY;
      readOnlyBelow = true;
    } else if (Object.hasOwn(set, option)) flags |= set[option] ?? 0;
    else if (Object.hasOwn(clear, option)) flags &= ~(clear[option] ?? 0);
    else if (Object.hasOwn(propagations, option)) propagation = propagations[option] ?? 0;
    else data.push(option);
  }
  return { flags, bind, recursive, readOnlyBelow, propagation, data: data.join(",") };
}
