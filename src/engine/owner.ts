// Whom processes, namespaces, cgroups and addresses belong to: our containers, those of other engines, units of systemd, or
// a process by itself. Everything is looked up at first use; what may not be read is left out.
import { isErrno } from "../base/error.ts";
import { shortId } from "../base/id.ts";
import { lazily } from "../base/lazy.ts";
import { readDockerName, readPodmanNames } from "../kernel/proc/foreign.ts";
import { readFirstMembers, readNamespaceInode } from "../kernel/proc/namespace.ts";
import { parseCommandLine } from "../kernel/proc/process.ts";
import { readProcessFile } from "../kernel/proc/stat.ts";
import { findSupervised, openSupervision, parseProxyTarget, readArguments } from "../kernel/proc/supervisor.ts";
import {
  type CgroupMembership,
  type CgroupOwner,
  ownerOfMemberships,
  parseCgroupMemberships,
  parseCgroupOwner,
} from "../namespace/cgroup-owner.ts";
import { findOwned, type Owner } from "../namespace/owner.ts";
import type { NamespaceKind } from "../namespace/spec.ts";
import { canonicalAddress } from "../network/canonical.ts";
import type { Engine } from "./engine.ts";
import { type OwnedContainer, readAddresses, readForeignContainers, readOwnContainers } from "./owned-container.ts";

/** What the caller has already read of a process, so that it is not read again. */
export interface ProcessText {
  readonly command: string;
  /** /proc/PID/cgroup. */
  readonly cgroups: string;
  readonly parentPid?: number;
}

export interface Owners {
  /** Undefined when there is no such process, or its cgroups are not ours to see and it has no name. */
  ofPid(pid: number, known?: ProcessText): Owner | undefined;
  /** Of the processes in it; undefined for the namespaces this process is in itself and for those without processes. */
  ofNamespace(kind: NamespaceKind, inode: number): Owner | undefined;
  /** Path as in /proc/PID/cgroup. Undefined when no engine has marked it. */
  ofCgroup(path: string): Owner | undefined;
  ofAddress(ip: string): Owner | undefined;
  /** Parsed /proc/PID/cgroup; none when the process is gone or not ours to see. */
  cgroupsOf(pid: number): readonly CgroupMembership[];
  /** Name of a process, empty when it is gone. */
  commandOf(pid: number): string;
  /** With its arguments; the name alone for kernel threads. */
  commandLineOf(pid: number): string;
  /** The running container that a word means, as `findOwned`. */
  findContainer(reference: string): OwnedContainer | undefined;
  /** Running ones, ours first. */
  readonly containers: readonly OwnedContainer[];
}

function readMemberships(pid: number): readonly CgroupMembership[] {
  try {
    return parseCgroupMemberships(readProcessFile(pid, "cgroup") ?? "");
  } catch (error) {
    if (isErrno(error, "EACCES", "EPERM")) return [];
    throw error;
  }
}

function commandOf(pid: number): string {
  return (readProcessFile(pid, "comm") ?? "").trim();
}

export function openOwners(engine: Engine): Owners {
  const own = lazily(() => readOwnContainers(engine));
  const ownById = lazily(() => new Map(own().map(({ owner }) => [owner.id, owner])));
  const podman = lazily(readPodmanNames);

  function complete(found: CgroupOwner, pid: number): Owner {
    const ours = found.engine === "tsns" ? ownById().get(found.id) : undefined;
    if (ours) return ours;
    return { engine: found.engine, name: givenName(found, pid, podman) ?? (found.name || shortId(found.id)), id: found.id, pid };
  }

  const supervisedBy = openSupervision();
  const known = new Map<number, Owner | undefined>();
  function ofPid(pid: number, text?: ProcessText): Owner | undefined {
    if (!known.has(pid)) known.set(pid, lookUpPid(pid, text));
    return known.get(pid);
  }
  // Processes of one group have the same text.
  const byText = new Map<string, CgroupOwner | undefined>();
  function ofText(cgroups: string): CgroupOwner | undefined {
    if (!byText.has(cgroups)) byText.set(cgroups, ownerOfMemberships(parseCgroupMemberships(cgroups)));
    return byText.get(cgroups);
  }
  const ownByPid = lazily(() => new Map(own().map((container) => [container.pid, container.owner])));
  function lookUpPid(pid: number, text: ProcessText | undefined): Owner | undefined {
    const ours = ownByPid().get(pid);
    if (ours) return ours;
    const found = text ? ofText(text.cgroups) : ownerOfMemberships(readMemberships(pid));
    // A unit of systemd may be no more than where the engine was started.
    const isCertain = found !== undefined && found.engine !== "systemd";
    const supervised = isCertain ? undefined : supervisedBy(pid, text);
    if (supervised) return complete(supervised, pid);
    const served = isCertain || (text && !text.command.startsWith("docker-proxy")) ? undefined : findServed(pid, firstMembers);
    const owner = served === undefined ? undefined : ofPid(served);
    if (owner) return { ...owner, pid };
    if (found) return complete(found, pid);
    const name = text ? text.command : commandOf(pid);
    return name === "" ? undefined : { engine: "other", name, id: "", pid };
  }

  const members = new Map<NamespaceKind, ReadonlyMap<number, number>>();
  function firstMembers(kind: NamespaceKind): ReadonlyMap<number, number> {
    const first = members.get(kind) ?? readFirstMembers(kind);
    members.set(kind, first);
    return first;
  }
  function ofNamespace(kind: NamespaceKind, inode: number): Owner | undefined {
    if (readNamespaceInode("self", kind) === inode) return undefined;
    const ours = own().find(({ pid }) => readNamespaceInode(pid, kind) === inode);
    if (ours) return ours.owner;
    const pid = firstMembers(kind).get(inode);
    return pid === undefined ? undefined : ofPid(pid);
  }

  const containers = lazily(() => [...own(), ...readForeignContainers(ofPid, own())]);
  return {
    ofPid,
    ofNamespace,
    ofCgroup(path) {
      const found = parseCgroupOwner(path);
      return found && complete(found, 0);
    },
    ofAddress(ip) {
      const wanted = canonicalAddress(ip);
      return containers().find(({ addresses }) => addresses.some((address) => canonicalAddress(address) === wanted))?.owner;
    },
    cgroupsOf: readMemberships,
    commandOf,
    commandLineOf: (pid) => parseCommandLine(readProcessFile(pid, "cmdline") ?? "").join(" ") || commandOf(pid),
    findContainer: (reference) => findOwned(containers(), reference),
    get containers() {
      return containers();
    },
  };
}

/** " of docker container web" for the process of a container, or one that works for it; empty for others. */
export function renderContainerOf(owners: Owners, pid: number): string {
  const owner = pid > 0 ? owners.ofPid(pid) : undefined;
  if (!owner || owner.engine === "other" || owner.engine === "systemd") return "";
  return ` of ${owner.engine === "tsns" ? "" : `${owner.engine} `}container ${owner.name}`;
}

/** The name its engine gave to a container, where that can be read. */
function givenName({ engine, id, name }: CgroupOwner, pid: number, podman: () => ReadonlyMap<string, string>): string | undefined {
  if (engine === "docker") return readDockerName(id, pid);
  if (engine !== "podman") return undefined;
  return podman().get(id) ?? (name === "" && pid > 0 ? findSupervised(pid)?.name : undefined);
}

/** A process of the container that docker's program for published ports (docker-proxy) works for. */
function findServed(pid: number, firstMembers: (kind: NamespaceKind) => ReadonlyMap<number, number>): number | undefined {
  const target = parseProxyTarget(readArguments(pid));
  return target && [...firstMembers("net").values()].find((member) => readAddresses(member).includes(target.address));
}
