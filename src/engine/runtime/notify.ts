// sd_notify(3) of a container, as runc has it: with NOTIFY_SOCKET in the environment of who creates it, it gets a socket of its own at /run/notify, and
// `start` hands on what it says there until it is ready.
import { chmodSync, existsSync, mkdirSync } from "node:fs";
import { KernelError } from "../../base/error.ts";
import { type NotifyRelay, openNotifyRelay } from "../../kernel/sandbox/notify.ts";
import type { RuntimeMount } from "../../runtime/config/mount.ts";
import type { RuntimeConfig } from "../../runtime/config/type.ts";
import { runtimeDirectory } from "../../store/runtime-record.ts";
import type { Runtime } from "./runtime.ts";

const inside = "/run/notify";
const name = "notify.sock";
const directoryOf = ({ root }: Runtime, id: string): string => `${runtimeDirectory(root, id)}/notify`;

/** Only a container with mounts of its own can have the socket. */
export const isNotified = ({ notifySocket }: Runtime, { process, linux }: RuntimeConfig): boolean =>
  notifySocket !== undefined && process !== undefined && linux.namespaces.some(({ type }) => type === "mount");

export function withNotifySocket(runtime: Runtime, id: string, config: RuntimeConfig): RuntimeConfig {
  const { process } = config;
  if (!process || !isNotified(runtime, config)) return config;
  const mount: RuntimeMount = {
    destination: inside,
    type: "bind",
    source: directoryOf(runtime, id),
    options: ["bind", "nosuid", "noexec", "nodev", "ro"],
    uidMappings: [],
    gidMappings: [],
  };
  const env = [...process.env, `NOTIFY_SOCKET=${inside}/${name}`];
  return { ...config, mounts: [...config.mounts, mount], process: { ...process, env } };
}

/** In the container's directory, which goes with it. Throws KernelError. */
export function makeNotifyDirectory(runtime: Runtime, id: string): void {
  const path = directoryOf(runtime, id);
  try {
    mkdirSync(path);
    chmodSync(path, 0o755);
  } catch (error) {
    throw new KernelError("mkdir", error instanceof Error && "code" in error ? `${error.code}` : "EIO", path, { cause: error });
  }
}

/** Undefined where nobody is to be told, or nobody can be. `stays`: this process stays as long as the container. */
export async function relayNotify(
  runtime: Runtime,
  id: string,
  process: { readonly pid: number; readonly startTime: number },
  stays: boolean,
): Promise<NotifyRelay | undefined> {
  const { notifySocket: manager } = runtime;
  if (manager === undefined || !existsSync(directoryOf(runtime, id))) return undefined;
  const relay = await openNotifyRelay({ socket: `${directoryOf(runtime, id)}/${name}`, manager, process, stays });
  if (typeof relay !== "string") return relay;
  runtime.warn(`container ${id}: what it says to the service manager is lost: ${relay}`);
  return undefined;
}
