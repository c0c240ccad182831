// What options on isolation do not go with: docker's rules, and what the kernel would leave without effect.
import type { CreateRequest } from "../../../src/container/request.ts";
import { sysctlProblems } from "../../../src/container/sysctl.ts";
import type { Problems } from "../problem.ts";

/** Adds each conflict of a request. */
export function checkIsolation(problems: Problems, request: CreateRequest): void {
  const { uts, network, ipc } = request;
  if (request.hostname && (uts.mode !== "private" || network.mode === "container"))
    problems.refuse(
      `conflicting options: hostname and the ${network.mode === "container" ? "network" : "UTS"} mode`,
      "leave out --hostname: the container has the name of that namespace",
    );
  if (request.domainname && uts.mode !== "private")
    problems.refuse("conflicting options: domainname and the UTS mode", "leave out --domainname: the container has that of the namespace");
  const shared = request.userNamespace || request.remapUser ? sharedWithOthers(request) : undefined;
  if (shared !== undefined)
    problems.refuse(
      `conflicting options: --userns ${request.remapUser ? "remap" : "private"} and ${shared}`,
      "leave out one: a user namespace of its own has no rights over another's",
    );
  if (request.shmSizeBytes && ipc.mode !== "private" && ipc.mode !== "shareable")
    problems.refuse(
      `conflicting options: --shm-size and --ipc ${ipc.mode}`,
      ipc.mode === "none"
        ? "leave out --shm-size: there is no /dev/shm"
        : "leave out --shm-size: the size of /dev/shm is that of whose it is",
    );
  if (request.shmSizeBytes && request.mounts.some((mount) => mount.target === "/dev/shm"))
    problems.refuse(
      "conflicting options: --shm-size and a mount on /dev/shm",
      "leave out one; --tmpfs /dev/shm:size=BYTES has a size of its own",
    );
  const unmade = request.runtime === undefined ? undefined : leftToTsns(request);
  if (unmade !== undefined)
    problems.refuse(
      `conflicting options: --runtime ${request.runtime} and ${unmade}`,
      `leave out one: ${unmade} is only there for containers that tsns makes itself`,
    );
  for (const problem of sysctlProblems(request))
    problems.refuse(problem, "leave out the --sysctl, or give the container a namespace of its own");
}

/** What the kernel lets nobody use who is root only in a user namespace of their own. */
function sharedWithOthers({ network, pid, ipc, uts, cgroupNamespace }: CreateRequest): string | undefined {
  for (const [option, mode] of Object.entries({ network, pid, ipc, uts })) {
    if (mode.mode === "host" && option !== "uts") return `--${option} host`;
    if (mode.mode === "container") return `--${option} container:NAME`;
  }
  return cgroupNamespace === "host" ? "--cgroupns host" : undefined;
}

/** What another OCI runtime cannot be told, or has no part in. */
function leftToTsns({ ipc, mounts, remapUser, userNamespace }: CreateRequest): string | undefined {
  if (remapUser !== undefined) return "--userns remap";
  if (userNamespace) return "--userns private";
  // a runtime would follow a link in it out of the volume
  if (mounts.some((mount) => mount.type === "volume" && mount.subpath !== undefined)) return "volume-subpath";
  // its own mounts are slaves of the host's
  if (mounts.some((mount) => mount.type === "bind" && mount.propagation.endsWith("shared"))) return "bind-propagation=shared";
  return ipc.mode === "container" ? "--ipc container:NAME" : undefined;
}
