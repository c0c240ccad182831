// Mounts the device of a volume, and tells whether something is mounted on its directory.
import { realpathSync } from "node:fs";
import { describeErrno, isErrno, KernelError } from "../../base/error.ts";
import type { VolumeMountStep } from "../../plan/step/volume.ts";
import { parseDeviceMount } from "../../volume/device.ts";
import { runMountProgram } from "../mount/native.ts";
import { readMountPointsBelow } from "../tree/mount-id.ts";
import { toByteString } from "../tree/path.ts";

export function mountDevice({ name, device, type, options, data }: VolumeMountStep): void {
  const { flags, data: words, remountFlags, propagation } = parseDeviceMount({ options });
  const steps = [
    [device, type, flags, words],
    ...(remountFlags === 0 ? [] : [["", "", remountFlags, ""]]),
    ...(propagation === 0 ? [] : [["", "", propagation, ""]]),
  ];
  try {
    for (const [source, kind, bits, text] of steps) runMountProgram(["mount-type", data, `${source}`, `${kind}`, `${bits}`, `${text}`]);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    throw new KernelError(error.syscall, error.errno, device, {
      message: `failed to mount local volume ${name}: mount ${device}:${data}, type ${type}, options "${options}": ${describeErrno(error.errno)}`,
      hint: error.errno === "ENODEV" ? `the kernel knows no file system "${type}": modprobe ${type}` : "dmesg | tail may say more",
      exitCode: 125,
    });
  }
}

/** In this process's mount namespace. */
export function isMounted(path: string): boolean {
  try {
    const real = realpathSync(path);
    return readMountPointsBelow(real).some((point) => point.path === toByteString(real));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}
