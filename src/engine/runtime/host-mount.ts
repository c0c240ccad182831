// Mounts of a container without a mount namespace: they are the host's, and so do not go with it. What is mounted below its root is noted before
// anything is made; what has come since is unmounted when it is taken down.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { removeMount } from "../../kernel/mount/act.ts";
import { readMountsOf } from "../../kernel/mount/namespace.ts";
import type { RuntimeConfig } from "../../runtime/config/type.ts";
import type { RuntimeRecord } from "../../runtime/record.ts";
import { runtimeDirectory } from "../../store/runtime-record.ts";
import type { Runtime } from "./runtime.ts";

export const mountsOnHost = ({ linux }: RuntimeConfig): boolean => !linux.namespaces.some(({ type }) => type === "mount");

const fileOf = ({ root }: Runtime, id: string): string => `${runtimeDirectory(root, id)}/mounts`;

/** Targets in the order in which they were mounted. */
const mountedBelow = (rootfs: string): readonly string[] =>
  (readMountsOf("self") ?? []).map(({ target }) => target).filter((target) => target === rootfs || target.startsWith(`${rootfs}/`));

export function noteHostMounts(runtime: Runtime, { id, rootfs }: RuntimeRecord): void {
  writeFileSync(fileOf(runtime, id), JSON.stringify(mountedBelow(rootfs)), { mode: 0o600 });
}

export const hasHostMounts = (runtime: Runtime, id: string): boolean => existsSync(fileOf(runtime, id));

/** Nothing for a container with a mount namespace. Throws KernelError. */
export function removeHostMounts(runtime: Runtime, { id, rootfs }: RuntimeRecord): void {
  const before = readNoted(fileOf(runtime, id));
  if (!before) return;
  for (const target of mountedBelow(rootfs).toReversed()) {
    const at = before.indexOf(target);
    if (at >= 0) before.splice(at, 1);
    else removeMount({ kind: "mount.remove", target, lazy: true });
  }
}

function readNoted(path: string): string[] | undefined {
  try {
    const noted: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Array.isArray(noted) ? noted.map(String) : [];
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
