// A bundle as it is on the disk: its configuration read and judged, where its root file system is.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { isErrno, KernelError, TsnsError } from "../../base/error.ts";
import { type ConfigHost, parseRuntimeConfig } from "../../runtime/config/parse.ts";
import type { RuntimeConfig } from "../../runtime/config/type.ts";
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

/** Whether labels could mean something here, and which capabilities can be had. */
export const readConfigHost = (): ConfigHost => ({ hasSelinux: existsSync("/sys/fs/selinux/enforce"), boundingSet: readBoundingSet() });

/** `path`: absolute. Throws not-found, invalid with every problem of the configuration; its warnings are told. */
export function readBundle(runtime: Runtime, path: string): Bundle {
  const text = readConfigFile(`${path}/config.json`);
  const { config, warnings } = parseRuntimeConfig(text, path, readConfigHost());
  for (const warning of warnings) runtime.warn(warning);
  return { path, config, text, rootfs: rootOf(resolve(path, config.root.path)) };
}

/** Text of a file somebody names. Throws not-found, KernelError. */
export function readConfigFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR"))
      throw new TsnsError("not-found", "no-config", `JSON specification file ${path} not found`, {
        hint: "--bundle names the bundle's directory",
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
