// The words of --security-opt, which a service of compose takes too. Pure.
import type { ContainerSpec } from "../spec.ts";
import type { Words } from "./word.ts";

/** The user's words; the file of a profile and what inspect does not show are put back. */
export function securityWords({ securityOpt = [], seccomp, systemPaths, noNewPrivileges, apparmor }: ContainerSpec): Words {
  const words = securityOpt.map((word) => (word === "seccomp" && typeof seccomp === "object" ? `seccomp=${seccomp.path}` : word));
  const has = (key: string) => words.some((word) => word.startsWith(key));
  return [
    ...words,
    ...(systemPaths ? ["systempaths=unconfined"] : []),
    // rows of older stores
    ...(noNewPrivileges && !has("no-new-privileges") ? ["no-new-privileges"] : []),
    ...(seccomp === "unconfined" && !has("seccomp") ? ["seccomp=unconfined"] : []),
    ...(apparmor !== undefined && !has("apparmor") ? [`apparmor=${apparmor}`] : []),
  ];
}
