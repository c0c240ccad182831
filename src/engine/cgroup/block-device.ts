// Numbers of device nodes.
import { statSync } from "node:fs";
import { TsnsError } from "../../base/error.ts";

/** makedev(3): 12 bits of major, 20 of minor, as the kernel encodes them for user space. */
export const majorOf = (rdev: number): number => Math.floor(rdev / 256) & 0xfff;
export const minorOf = (rdev: number): number => (rdev & 0xff) | (Math.floor(rdev / 4096) & 0xfff00);

/** `major:minor` of a block device's path; numbers stay as they are. Throws not-found, invalid. */
export function deviceNumber(device: string): string {
  if (/^\d+:\d+$/.test(device)) return device;
  const found = statSync(device, { throwIfNoEntry: false });
  if (!found) throw new TsnsError("not-found", "no-such-device", `no device ${device}`, { hint: "list block devices: lsblk" });
  if (!found.isBlockDevice())
    throw new TsnsError("invalid", "not-a-block-device", `${device} is not a block device`, { hint: "list block devices: lsblk" });
  return `${majorOf(found.rdev)}:${minorOf(found.rdev)}`;
}
