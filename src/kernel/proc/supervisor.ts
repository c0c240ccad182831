// Which container a process belongs to by who watches over it: containerd's shim and conmon are parents of what they started, and
// their command lines name it. For containers whose cgroups tell nothing (`--cgroups=disabled`, `--cgroup-parent`). What may not be
// read tells nothing.
import { basename } from "node:path";
import { isErrno } from "../../base/error.ts";
import type { CgroupOwner } from "../../namespace/cgroup-owner.ts";
import { parseCommandLine } from "./process.ts";
import { readProcessFile, readProcessStat } from "./stat.ts";

/** Namespaces of containerd (`-namespace`) and the engines that keep their containers there. */
const containerdEngines: ReadonlyMap<string, CgroupOwner["engine"]> = new Map([
  ["moby", "docker"],
  ["k8s.io", "kubernetes"],
]);

const fullId = /^[0-9a-f]{64}$/;
/** A process tree deeper than this is not climbed. */
const mostParents = 64;

const optionOf = (argv: readonly string[], ...names: readonly string[]): string => {
  const at = argv.findIndex((word) => names.includes(word));
  return at < 0 ? "" : (argv[at + 1] ?? "");
};

/** The container that a command line of conmon(8) or containerd-shim is for; undefined for other programs. */
export function parseSupervisor(argv: readonly string[]): CgroupOwner | undefined {
  const program = basename(argv[0] ?? "");
  if (program === "conmon") {
    const id = optionOf(argv, "-c", "--cid");
    return fullId.test(id) ? { engine: "podman", id, name: optionOf(argv, "-n", "--name") } : undefined;
  }
  if (!program.startsWith("containerd-shim")) return undefined;
  const [engine, id] = [containerdEngines.get(optionOf(argv, "-namespace")), optionOf(argv, "-id")];
  return engine && fullId.test(id) ? { engine, id, name: "" } : undefined;
}

/** The container's address that a command line of docker-proxy leads to; undefined for other programs. */
export function parseProxyTarget(argv: readonly string[]): { readonly address: string; readonly port: number } | undefined {
  if (basename(argv[0] ?? "") !== "docker-proxy") return undefined;
  const [address, port] = [optionOf(argv, "-container-ip"), Number(optionOf(argv, "-container-port"))];
  return address === "" || !(port > 0) ? undefined : { address, port };
}

/** Command line of a process; empty when it is gone or not ours to read. */
export function readArguments(pid: number): readonly string[] {
  try {
    return parseCommandLine(readProcessFile(pid, "cmdline") ?? "");
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM")) return [];
    throw error;
  }
}

/** Names (comm) of supervisors. */
const supervisorName = /^(?:conmon|containerd-shim)/;

/** What the caller has already read of a process. */
export interface KnownProcess {
  /** Its comm. */
  readonly command: string;
  readonly parentPid?: number;
}

/** As findSupervised, for many processes: who stands above them is asked once. */
export function openSupervision(): (pid: number, known?: KnownProcess) => CgroupOwner | undefined {
  const asked = new Map<number, CgroupOwner | undefined>();
  const climb = (pid: number, depth: number, known?: KnownProcess): CgroupOwner | undefined => {
    if (pid <= 1 || depth > mostParents) return undefined;
    if (asked.has(pid)) return asked.get(pid);
    const own = known && !supervisorName.test(known.command) ? undefined : parseSupervisor(readArguments(pid));
    const found = own ?? climb(known?.parentPid ?? readProcessStat(pid)?.parentPid ?? 0, depth + 1);
    asked.set(pid, found);
    return found;
  };
  return (pid, known) => climb(pid, 0, known);
}

/** The container of the nearest supervisor among a process and its parents. */
export function findSupervised(pid: number): CgroupOwner | undefined {
  return openSupervision()(pid);
}
