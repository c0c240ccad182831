// Weights of block I/O: docker's 10 to 1000 in the files of the schedulers that know weights. Which of the files a host has
// is asked in src/kernel/cgroup.
import { TsnsError } from "../base/error.ts";
import type { DeviceWeight } from "./spec.ts";

/**
 * Files that hold a weight, best first. v1: blkio.weight of the CFQ scheduler (gone with Linux 5.0), blkio.bfq.weight of BFQ. v2: BFQ's,
 * and io.weight of the I/O cost controller.
 */
export const weightFiles: Readonly<Record<"v1" | "v2", readonly string[]>> = {
  v1: ["blkio.weight", "blkio.bfq.weight"],
  v2: ["io.bfq.weight", "io.weight"],
};

export const isWeight = (weight: number): boolean => Number.isSafeInteger(weight) && weight >= 10 && weight <= 1000;

/** docker's "/dev/sda:500"; the device may be major:minor too. Throws TsnsError invalid. */
export function parseDeviceWeight(text: string): DeviceWeight {
  const at = text.lastIndexOf(":");
  const device = text.slice(0, at);
  const number = text.slice(at + 1);
  if (at < 1 || !(device.startsWith("/") || /^\d+:\d+$/.test(device)) || !/^\d+$/.test(number) || !isWeight(Number(number))) {
    throw new TsnsError("invalid", "bad-device-weight", `invalid weight for device: ${text}`, {
      hint: "write --blkio-weight-device DEVICE:WEIGHT with a weight from 10 to 1000, such as /dev/sda:500",
    });
  }
  return { device, weight: Number(number) };
}

/** The number a weight file takes: io.weight has the range 1 to 10000, mapped linearly as runc does. */
const numberOf = (file: string, weight: number): number => (file === "io.weight" ? 1 + Math.floor(((weight - 10) * 9999) / 990) : weight);

/** The weight of docker's range that a file tells: "100", "default 100" with lines for devices below. Undefined for what is none. */
export function parseWeight(file: string, text: string): number | undefined {
  const number = /^(?:default )?(\d+)$/m.exec(text)?.[1];
  if (number === undefined) return undefined;
  return file === "io.weight" ? Math.ceil(((Number(number) - 1) * 990) / 9999) + 10 : Number(number);
}

/** A group's weight as the file takes it. */
export const renderWeight = (file: string, weight: number): string => `${numberOf(file, weight)}`;

/** File and line of the weight of one device, `major:minor`; on v2 it is the same file. */
export function renderDeviceWeight(file: string, { device, weight }: DeviceWeight): { readonly file: string; readonly line: string } {
  return { file: file.startsWith("blkio") ? `${file}_device` : file, line: `${device} ${numberOf(file, weight)}` };
}
