// Containers that run now: ours as the store and the monitors tell, those of other engines by their mount namespaces. Who owns a process is
// asked of owner.ts.

import { lazily } from "../base/lazy.ts";
import { listPids, readFirstMembers, readNamespaceInode } from "../kernel/proc/namespace.ts";
import { readNamespaceAddresses } from "../kernel/proc/net-address.ts";
import type { Owner } from "../namespace/owner.ts";
import { addressesOf } from "../network/spec.ts";
import { listContainerRecords } from "../store/container-record.ts";
import { observeContainer } from "./container/observe.ts";
import type { Engine } from "./engine.ts";
import { listStored } from "./look.ts";

/** A container that runs now. */
export interface OwnedContainer {
  readonly owner: Owner;
  /** A process of it in the host's pid namespace; of ours, process 1. */
  readonly pid: number;
  /** Without prefix lengths; read when asked for. Empty in the host's network namespace. */
  readonly addresses: readonly string[];
}

/** Running containers of this data root. */
export function readOwnContainers(engine: Engine): readonly OwnedContainer[] {
  return listStored(engine, (store) => listContainerRecords(store).map((record) => observeContainer(engine, record)))
    .filter(({ pid }) => pid > 0)
    .map(({ record: { id, name, run }, pid }) => ({
      owner: { engine: "tsns", name, id, pid },
      pid,
      addresses: (run?.endpoints ?? []).flatMap(addressesOf),
    }));
}

/** Addresses of a process's network namespace; none in the host's. */
export function readAddresses(pid: number, hostNet = readNamespaceInode("self", "net")): readonly string[] {
  return readNamespaceInode(pid, "net") === hostNet ? [] : readNamespaceAddresses(pid);
}

/** Every container has a mount namespace of its own: of each such namespace one process's cgroups are read. */
export function readForeignContainers(
  ofPid: (pid: number) => Owner | undefined,
  own: readonly OwnedContainer[],
): readonly OwnedContainer[] {
  const hostMounts = readNamespaceInode("self", "mnt");
  const hostNet = readNamespaceInode("self", "net");
  const seen = new Set(own.map(({ owner }) => owner.id));
  const found: OwnedContainer[] = [];
  for (const [inode, pid] of readFirstMembers("mnt", listPids())) {
    const owner = inode === hostMounts ? undefined : ofPid(pid);
    if (!owner || owner.engine === "other" || (owner.engine === "systemd" && owner.name.endsWith(".service"))) continue;
    const key = owner.id || `${owner.engine}:${owner.name}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const addresses = lazily(() => readAddresses(pid, hostNet));
    found.push({
      owner: { ...owner, pid },
      pid,
      get addresses() {
        return addresses();
      },
    });
  }
  return found;
}
