// The eight kinds of namespaces, namespaces(7). Values only.

export const namespaceKinds = ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"] as const;

/** As /proc/PID/ns names them. */
export type NamespaceKind = (typeof namespaceKinds)[number];

/** CLONE_NEW* of clone(2). */
export const namespaceFlags: Readonly<Record<NamespaceKind, number>> = {
  cgroup: 0x02000000,
  ipc: 0x08000000,
  mnt: 0x00020000,
  net: 0x40000000,
  pid: 0x20000000,
  time: 0x00000080,
  user: 0x10000000,
  uts: 0x04000000,
};
