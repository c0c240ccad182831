// Limits of block I/O per device in one vocabulary: v1 has a file for each (blkio.throttle.*), v2 one line per device (io.max).
// Knows the texts; which device a path is, src/kernel/cgroup finds out.
import { TsnsError } from "../base/error.ts";
import { parseBytes, parseInteger } from "../base/unit.ts";

export const ioKeys = ["readBps", "writeBps", "readIops", "writeIops"] as const;
export type IoKey = (typeof ioKeys)[number];

/** Bytes or operations per second of one block device; -1 is no limit. */
export interface IoLimit {
  /** `major:minor`, or the path of the device as the user wrote it. */
  readonly device: string;
  readonly readBps?: number;
  readonly writeBps?: number;
  readonly readIops?: number;
  readonly writeIops?: number;
}

/** v1 file and v2 key of each. */
export const ioNames: Readonly<Record<IoKey, { readonly legacy: string; readonly unified: string }>> = {
  readBps: { legacy: "blkio.throttle.read_bps_device", unified: "rbps" },
  writeBps: { legacy: "blkio.throttle.write_bps_device", unified: "wbps" },
  readIops: { legacy: "blkio.throttle.read_iops_device", unified: "riops" },
  writeIops: { legacy: "blkio.throttle.write_iops_device", unified: "wiops" },
};

/** docker's option of each. */
export const ioOptions: Readonly<Record<IoKey, string>> = {
  readBps: "--device-read-bps",
  writeBps: "--device-write-bps",
  readIops: "--device-read-iops",
  writeIops: "--device-write-iops",
};

function amount(key: IoKey, text: string, what: string): number {
  if (text === "max" || text === "-1") return -1;
  const value = key.endsWith("Bps") ? parseBytes(text, what) : parseInteger(text, what, 1);
  if (value > 0) return value;
  throw new TsnsError("invalid", "bad-io-limit", `invalid ${what} "${text}"`, { hint: "write a number above 0, or max" });
}

/** docker's "/dev/sda:1mb"; the device may be major:minor too. */
export function parseDeviceRate(key: IoKey, text: string, what: string): IoLimit {
  const at = text.lastIndexOf(":");
  const device = text.slice(0, at);
  if (at < 1 || !(device.startsWith("/") || /^\d+:\d+$/.test(device))) {
    throw new TsnsError("invalid", "bad-io-limit", `invalid ${what} "${text}"`, { hint: "write DEVICE:RATE, such as /dev/sda:10mb" });
  }
  return { device, [key]: amount(key, text.slice(at + 1), what) };
}

/** Limits of the same device joined to one; of two rates of a kind the later one. */
export function joinIoLimits(limits: readonly IoLimit[]): readonly IoLimit[] {
  const joined = new Map<string, IoLimit>();
  for (const limit of limits) joined.set(limit.device, { ...joined.get(limit.device), ...limit });
  return [...joined.values()];
}

/** v2's own line, "8:0 rbps=1048576 wiops=max" or with a device path; sizes may have units. */
export function parseIoMaxOption(text: string, what = "--io-max"): IoLimit {
  const [device = "", ...pairs] = text.trim().split(/[\s,]+/);
  const limit: Partial<Record<IoKey, number>> = {};
  for (const pair of pairs) {
    const [name, value = ""] = pair.split("=");
    const key = ioKeys.find((one) => ioNames[one].unified === name);
    if (key) limit[key] = amount(key, value, `${what} ${name}`);
    else throw badIoMax(what, text);
  }
  if (pairs.length === 0 || !(device.startsWith("/") || /^\d+:\d+$/.test(device))) throw badIoMax(what, text);
  return { device, ...limit };
}

function badIoMax(what: string, text: string): TsnsError {
  return new TsnsError("invalid", "bad-io-limit", `invalid ${what} "${text}"`, {
    hint: "write 'DEVICE rbps=10mb wbps=max riops=100 wiops=max', of the four what is to change",
  });
}

/** v2 io.max: one line per device that has a limit. */
export function parseIoMax(text: string): readonly IoLimit[] {
  return text.split("\n").flatMap((line) => {
    const [device = "", ...pairs] = line.trim().split(" ");
    if (!/^\d+:\d+$/.test(device)) return [];
    const limit: Partial<Record<IoKey, number>> = {};
    for (const pair of pairs) {
      const [, name, value] = /^(\w+)=(\d+)$/.exec(pair) ?? [];
      const key = ioKeys.find((one) => ioNames[one].unified === name);
      if (key) limit[key] = Number(value);
    }
    return Object.keys(limit).length === 0 ? [] : [{ device, ...limit }];
  });
}

/** v1: the four files together. */
export function parseThrottle(texts: Readonly<Partial<Record<IoKey, string>>>): readonly IoLimit[] {
  const limits = new Map<string, Partial<Record<IoKey, number>>>();
  for (const key of ioKeys) {
    for (const [, device = "", value] of (texts[key] ?? "").matchAll(/^(\d+:\d+) (\d+)$/gm)) {
      limits.set(device, { ...limits.get(device), [key]: Number(value) });
    }
  }
  return [...limits].map(([device, limit]) => ({ device, ...limit }));
}

/** "8:0 rbps=1048576 wiops=10": what has no limit is left out. */
export function renderIoLimit(limit: IoLimit): string {
  const parts = ioKeys.flatMap((key) => {
    const value = limit[key];
    return value === undefined ? [] : [`${ioNames[key].unified}=${value < 0 ? "max" : value}`];
  });
  return [limit.device, ...parts].join(" ");
}
