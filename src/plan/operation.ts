// The operation list of the native helper as values: name, then string arguments. Their meaning is in
// native/README.md; who chooses them is src/container/sandbox.ts.

export type Operation = readonly [name: string, ...args: string[]];

/** What the native helper is given for one container or one exec. */
export interface OperationList {
  /** Up to and including `clone`. */
  readonly monitor: readonly Operation[];
  /** After `clone`, ending in `exec`. */
  readonly init: readonly Operation[];
}

/** Flags of mount(2), include/uapi/linux/mount.h. */
export const MS = {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  REMOUNT: 32,
  NOATIME: 1024,
  BIND: 4096,
  REC: 16384,
  PRIVATE: 1 << 18,
  SLAVE: 1 << 19,
  SHARED: 1 << 20,
  RELATIME: 1 << 21,
  STRICTATIME: 1 << 24,
} as const;

/** Attributes of mount_setattr(2). */
export const MOUNT_ATTR = { RDONLY: 1, NOSUID: 2, NODEV: 4, NOEXEC: 8 } as const;

/** Flags of clone3(2) and unshare(2). */
export const CLONE = {
  NEWTIME: 0x00000080,
  NEWNS: 0x00020000,
  NEWCGROUP: 0x02000000,
  NEWUTS: 0x04000000,
  NEWIPC: 0x08000000,
  NEWUSER: 0x10000000,
  NEWPID: 0x20000000,
  NEWNET: 0x40000000,
} as const;
