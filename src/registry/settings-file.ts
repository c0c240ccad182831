// The settings as they lie on this host: docker's daemon.json, then tsns's own registries.json, then proxy variables. Reads files only.
import { readFileSync } from "node:fs";
import { isErrno, KernelError } from "../base/error.ts";
import { proxiesOfEnvironment } from "./proxy.ts";
import { defaultSettings, parseRegistrySettings, type RegistrySettings } from "./settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the host has docker do, tsns does too; its own file can add to it. */
const dockerFile = "/etc/docker/daemon.json";
const ownFile = "/etc/tsns/registries.json";

/** TSNS_REGISTRIES names another file instead of both. Throws TsnsError invalid `bad-settings`, KernelError for a file that cannot be read. */
export function readRegistrySettings(env: Environment): RegistrySettings {
  const named = env.TSNS_REGISTRIES;
  const files = named ? [{ path: named, strict: true }] : [dockerFile, ownFile].map((path) => ({ path, strict: path === ownFile }));
  let settings = defaultSettings;
  for (const { path, strict } of files) {
    const text = readText(path, named !== undefined);
    if (text !== undefined) settings = parseRegistrySettings(text, path, settings, strict);
  }
  return { ...settings, proxies: proxiesOfEnvironment(env, settings.proxies) };
}

/** Undefined where there is none, or docker's is not for this user's eyes. */
function readText(path: string, isNamed: boolean): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (!isNamed && isErrno(error, "ENOENT", "ENOTDIR", "EACCES")) return undefined;
    throw error instanceof Error && "code" in error ? new KernelError("read", String(error.code), path, { cause: error }) : error;
  }
}
