// Volumes of the driver "local" whose files are on a device: a file system that is mounted while containers use it. What `type`, `device`
// and `o` mean for mount(2); words as mount(8) has them. Pure.
import { parseMountOptions } from "../container/mount-option.ts";
import type { VolumeRecord } from "./spec.ts";

export interface VolumeDevice {
  readonly type: string;
  readonly device: string;
  /** `o` as it was given. */
  readonly options: string;
}

/** What mount(2) is given. */
export interface DeviceMount {
  readonly flags: number;
  readonly data: string;
  /** A bind takes further flags only once it is there. */
  readonly remountFlags: number;
  /** MS_PRIVATE and the like, set last. */
  readonly propagation: number;
}

/** Undefined for a volume that is a directory. */
export function deviceOf({ driver, options }: Pick<VolumeRecord, "driver" | "options">): VolumeDevice | undefined {
  const { type, device, o = "" } = options;
  return driver !== "local" || type === undefined || device === undefined ? undefined : { type, device, options: o };
}

/** Flags of mount(2) that only devices have. */
const flagOf: Readonly<Record<string, number>> = {
  sync: 16,
  mand: 64,
  dirsync: 128,
  nodiratime: 2048,
  silent: 32_768,
  lazytime: 1 << 25,
};
/** What is so without being said. */
const usual: readonly string[] = ["defaults", "async", "diratime", "nomand", "loud", "nolazytime", ""];

const bindFlag = 4096;
const recursiveFlag = 16_384;
const remountFlag = 32;

export function parseDeviceMount({ options }: Pick<VolumeDevice, "options">): DeviceMount {
  const words = options.split(",").filter((word) => !usual.includes(word));
  const special = words.reduce((sum, word) => sum | (flagOf[word] ?? 0), 0);
  const parsed = parseMountOptions(words.filter((word) => !Object.hasOwn(flagOf, word)));
  const flags = special | parsed.flags;
  if (!parsed.bind) return { flags, data: parsed.data, remountFlags: 0, propagation: parsed.propagation };
  const bind = bindFlag | (parsed.recursive ? recursiveFlag : 0);
  return {
    flags: bind,
    data: parsed.data,
    remountFlags: flags === 0 ? 0 : flags | remountFlag | bindFlag,
    propagation: parsed.propagation,
  };
}

/** The host that `addr=` of a network file system names: mount(2) wants its address. Undefined where there is nothing to look up. */
export function hostOfDevice({ type, options }: VolumeDevice): string | undefined {
  if (!/^(nfs4?|cifs|smb3)$/.test(type)) return undefined;
  const host = /(?:^|,)addr=([^,]*)/.exec(options)?.[1];
  return host === undefined || host === "" || /^[\d.]+$/.test(host) || host.includes(":") ? undefined : host;
}

export const withAddress = (options: string, host: string, address: string): string => options.replace(`addr=${host}`, `addr=${address}`);
