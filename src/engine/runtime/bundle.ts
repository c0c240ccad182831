// A bundle as it is on the disk: its configuration read and judged, where its root file system is.
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import { type ConfigHost, parseRuntimeConfig } from "../../runtime/config/parse.ts";
import type { RuntimeConfig, RuntimeNamespaceType } from "../../runtime/config/type.ts";
import { readBoundingSet } from "../container/host-fact.ts";
import type { Runtime } from "./runtime.ts";

export interface Bundle {
  /** Absolute. */
  readonly path: string;
  /** Absolute, links resolved. */
  readonly rootfs: string;
  readonly config: RuntimeConfig;
  /** config.json as it is now. */
  readonly text: string;
}

/** Whether labels could mean something here, which capabilities can be had, and which namespaces are the host's. */
export const readConfigHost = (): ConfigHost => ({
  hasSelinux: existsSync("/sys/fs/selinux/enforce"),
  boundingSet: readBoundingSet(),
  isOwnNamespace,
});

/** One that cannot be reached is not; opening it says so. */
function isOwnNamespace(type: RuntimeNamespaceType, path: string): boolean {
  try {
    const [there, here] = [statSync(path), statSync(`/proc/self/ns/${fileOf[type] ?? type}`)];
    return there.ino === here.ino && there.dev === here.dev;
  } catch {
    return false;
  }
}

/** Names below /proc/PID/ns that differ (namespaces(7)). */
const fileOf: Readonly<Partial<Record<RuntimeNamespaceType, string>>> = { network: "net", mount: "mnt" };

/** `path`: absolute. Throws not-found, invalid with every problem of the configuration; its warnings are told. */
export function readBundle(runtime: Runtime, path: string): Bundle {
  const text = readConfigFile(`${path}/config.json`, "--bundle");
  const { config, warnings } = parseRuntimeConfig(text, path, readConfigHost());
  for (const warning of warnings) runtime.warn(warning);
  return { path, config, text, rootfs: rootOf(resolve(path, config.root.path)) };
}

/** Text of a file that `option` names. Throws not-found, KernelError. */
export function readConfigFile(path: string, option: "--bundle" | "--process" | "--resources"): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR"))
      throw new TsnsError("not-found", "no-config", `JSON specification file ${path} not found`, {
        hint: option === "--bundle" ? "--bundle names the bundle's directory" : `${option} names the file`,
        cause: error,
      });
    throw new KernelError("open", error instanceof Error && "code" in error ? `${error.code}` : "EIO", path, { cause: error });
  }
}

function rootOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR"))
      throw new TsnsError("not-found", "no-rootfs", `rootfs (${path}) does not exist`, {
        hint: "root.path of config.json names it",
        cause: error,
      });
    throw new KernelError("realpath", error instanceof Error && "code" in error ? `${error.code}` : "EIO", path, { cause: error });
  }
}
