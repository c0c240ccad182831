// Which kernel settings a container may have of its own: docker's list. Each belongs to one of its namespaces. Pure.
import { TsnsError } from "../base/error.ts";
import type { ContainerSettings } from "./spec.ts";

const ipcKeys: ReadonlySet<string> = new Set([
  "kernel.msgmax",
  "kernel.msgmnb",
  "kernel.msgmni",
  "kernel.sem",
  "kernel.shmall",
  "kernel.shmmax",
  "kernel.shmmni",
  "kernel.shm_rmid_forced",
]);

/** sysctl(8) takes both separators; a slash keeps the dots of an interface's name. */
const isBelow = (key: string, head: string): boolean => key.startsWith(`${head}.`) || key.startsWith(`${head.replaceAll(".", "/")}/`);
/** Settings of an ipc namespace. */
export const isIpcSysctl = (key: string): boolean => ipcKeys.has(key.replaceAll("/", ".")) || isBelow(key, "fs.mqueue");
/** Settings of a network namespace. */
export const isNetworkSysctl = (key: string): boolean => isBelow(key, "net");

/** A name that leads to no other place of /proc/sys. */
export const isSysctlName = (key: string): boolean => /^[\w./@:-]+$/.test(key) && !key.split(/[./]/).includes("");

/** docker's --sysctl KEY=VALUE. Throws TsnsError invalid in docker's words for what is no setting of a namespace. */
export function parseSysctl(text: string): readonly [key: string, value: string] {
  const at = text.indexOf("=");
  const key = text.slice(0, at);
  if (at > 0 && isSysctlName(key) && (isIpcSysctl(key) || isNetworkSysctl(key))) return [key, text.slice(at + 1)];
  throw new TsnsError("invalid", "bad-sysctl", `sysctl '${text}' is not allowed`, {
    hint: "write KEY=VALUE; a container has net.*, fs.mqueue.* and kernel.msg*, kernel.sem, kernel.shm* of its own, the rest is the host's",
  });
}

/** What goes against the namespaces that a container shares with the host: runc's words. */
export function sysctlProblems({ sysctls = {}, ipc, network }: Pick<ContainerSettings, "sysctls" | "ipc" | "network">): readonly string[] {
  return Object.keys(sysctls).flatMap((key) => [
    ...(network.mode === "host" && isNetworkSysctl(key) ? [`sysctl "${key}" not allowed in host network namespace`] : []),
    ...(ipc.mode === "host" && isIpcSysctl(key) ? [`sysctl "${key}" is not allowed in the hosts ipc namespace`] : []),
  ]);
}
