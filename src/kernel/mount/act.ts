// Makes and removes mounts and mount points in this or another mount namespace, through the native program.
import { describeErrno, KernelError } from "../../base/error.ts";
import { overlayData, overlayPairs } from "../../plan/overlay.ts";
import { propagationFlags } from "../../plan/shell/mount.ts";
import type { MountBind, MountOverlay, MountPlace, MountPointCreate, MountPointRemove, MountRemove } from "../../plan/step/mount.ts";
import { runMountProgram } from "./native.ts";

const attributeReadOnly = 1; // MOUNT_ATTR_RDONLY, mount_setattr(2)
const detach = 2; // MNT_DETACH, umount2(2)

const namespaceOf = ({ namespacePath }: MountPlace): string => namespacePath ?? "";

/** Runs `body`; errors of these names are no errors. */
function tolerate(errnos: readonly string[], body: () => void): void {
  try {
    body();
  } catch (error) {
    if (!(error instanceof KernelError && errnos.includes(error.errno))) throw error;
  }
}

export function bindMount(step: MountBind): void {
  runMountProgram([
    "mount-bind",
    namespaceOf(step),
    step.target,
    step.source,
    step.recursive ? "1" : "0",
    step.readOnly ? String(attributeReadOnly) : "0",
    "0",
    String(step.propagation ? propagationFlags[step.propagation] : 0),
  ]);
}

export function mountOverlay(step: MountOverlay): void {
  const set = step.readOnly ? String(attributeReadOnly) : "0";
  try {
    runMountProgram([
      "mount-overlay",
      namespaceOf(step),
      step.target,
      set,
      overlayData(step, step.options),
      ...overlayPairs(step, step.options).flat(),
    ]);
  } catch (error) {
    if (!(error instanceof KernelError) || !/^fs(open|config|mount)$/.test(error.syscall)) throw error;
    throw overlayRefused(error, step.target);
  }
}

/** The kernel has one number for many reasons; `target` of the error is what it said besides, if anything. */
function overlayRefused({ syscall, errno, target: said }: KernelError, target: string): KernelError {
  const why = said === "overlay" ? describeErrno(errno) : `${said} (${describeErrno(errno)})`;
  return new KernelError(syscall, errno, target, {
    message: `the kernel refuses the overlay on ${target}: ${why}`,
    hint: errno === "EPERM" ? "run as root" : "its log says more: dmesg | tail -n 3",
  });
}

/** EINVAL: it is no mount point (umount2(2)). */
export function removeMount(step: MountRemove): void {
  tolerate(
    ["EINVAL", "ENOENT"],
    () => void runMountProgram(["mount-remove", namespaceOf(step), step.target, step.lazy ? String(detach) : "0"]),
  );
}

export function createMountPoint(step: MountPointCreate): void {
  runMountProgram(["mountpoint", namespaceOf(step), step.path, "make", step.type]);
}

export function removeMountPoint(step: MountPointRemove): void {
  tolerate(["ENOENT", "ENOTEMPTY", "EBUSY"], () => void runMountProgram(["mountpoint", namespaceOf(step), step.path, "remove", step.type]));
}
