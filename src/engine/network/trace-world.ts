// The world a trace looks at, with the names that containers and processes have.

import { lazily } from "../../base/lazy.ts";
import { readWorld, type SeenSpace, type SeenWorld, spaceOfInode } from "../../kernel/network/space.ts";
import { readNamespaceInode } from "../../kernel/proc/namespace.ts";
import { renderOwner } from "../../namespace/owner.ts";
import type { IpAddress } from "../../network/ip.ts";
import { ownAddresses } from "../../network/spoof.ts";
import { listContainerRecords } from "../../store/container-record.ts";
import type { Engine } from "../engine.ts";
import { listStored } from "../look.ts";
import { type Owners, openOwners } from "../owner.ts";

export interface NamedWorld extends SeenWorld {
  readonly owners: Owners;
}

/** What the filter on each container's link lets in, by the link's name on the host; none for containers that may send as anybody. */
function readAdmitted(engine: Engine): ReadonlyMap<string, readonly IpAddress[]> {
  const records = listStored(engine, listContainerRecords).filter(({ spec }) => !spec.privileged && spec.spoofing !== "allowed");
  return new Map(
    records.flatMap(({ spec, run }) =>
      (run?.endpoints ?? []).map((endpoint) => {
        const asked = spec.attachments.find(({ network }) => network === endpoint.network)?.linkLocal ?? [];
        const { ipv4, ipv6 } = ownAddresses(endpoint, asked);
        const own: IpAddress[] = [
          ...ipv4.map((value) => ({ family: "ipv4" as const, value: BigInt(value) })),
          ...ipv6.map((value) => ({ family: "ipv6" as const, value })),
        ];
        return [endpoint.hostLink, own] as const;
      }),
    ),
  );
}

/** Every network namespace that can be entered, by name. */
export function openWorld(engine: Engine): NamedWorld {
  const owners = openOwners(engine);
  const admitted = lazily(() => readAdmitted(engine));
  const world = readWorld({
    admittedBy: (link) => admitted().get(link),
    ofSpace(inode, pid, path) {
      if (pid === 0) return `namespace ${path.startsWith("/proc/") ? inode : path.slice(path.lastIndexOf("/") + 1)}`;
      const owner = owners.ofNamespace("net", inode);
      if (!owner) return `process ${pid}`;
      return owner.engine === "tsns" ? `container ${owner.name}` : renderOwner(owner);
    },
    ofProcess(pid) {
      const owner = owners.ofPid(pid);
      if (owner?.engine === "tsns") return `container ${owner.name}`;
      // What works for a container is no process of it: the container's own program may not even listen.
      const servant = owner && owner.engine !== "other" && readNamespaceInode(pid, "net") === readNamespaceInode("self", "net");
      return owner && `${servant ? `${owners.commandOf(pid)} (pid ${pid}) of ` : ""}${renderOwner(owner)}`;
    },
  });
  return { ...world, owners };
}

/** The network namespace of a running container of any engine. */
export function spaceOfContainer(world: NamedWorld, reference: string): SeenSpace | undefined {
  const container = world.owners.findContainer(reference);
  const inode = container && readNamespaceInode(container.pid, "net");
  return inode === undefined ? undefined : spaceOfInode(world, inode);
}
