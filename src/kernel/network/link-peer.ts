// Which processes are behind the ids that a network namespace has for others (ip-netns(8)), and every network namespace of this host that
// can be found. Knows nothing of owners.
import { namespaceIdRequest, parseNamespaceId } from "../netlink/namespace.ts";
import { tryExchanges } from "../netlink/relay.ts";
import { listPids, readFirstMembers, readNamespaceInode } from "../proc/namespace.ts";
import { readNamespaceMounts } from "../proc/namespace-file.ts";

/** A network namespace of this host. */
export interface NetworkPlace {
  readonly inode: number;
  /** Lowest pid of its processes; 0 when there is none to see. */
  readonly pid: number;
  /** Empty for this process's own. */
  readonly path: string;
  /** File name of the bind mount that holds it, where no process is to be seen. */
  readonly name: string;
}

/** This process's own first, then those with processes, then those that bind mounts hold. */
export function findNetworkPlaces(): readonly NetworkPlace[] {
  const own = readNamespaceInode("self", "net") ?? 0;
  const members = readFirstMembers("net", listPids());
  const places: NetworkPlace[] = [{ inode: own, pid: members.get(own) ?? 0, path: "", name: "" }];
  for (const [inode, pid] of members) {
    if (inode !== own) places.push({ inode, pid, path: `/proc/${pid}/ns/net`, name: "" });
  }
  for (const { kind, inode, target } of readNamespaceMounts()) {
    if (kind !== "net" || places.some((place) => place.inode === inode)) continue;
    places.push({ inode, pid: 0, path: target, name: target.slice(target.lastIndexOf("/") + 1) });
  }
  return places;
}

/** Descriptors that the native helper can be given, native/ns-netlink.c. */
const firstDescriptor = 100;
const mostDescriptors = 100;

/** By the ids that the namespace of that file (or this process's) has for them: the places among those given. */
export function readPlaceIds(places: readonly NetworkPlace[], namespacePath?: string): ReadonlyMap<number, NetworkPlace> {
  const named = places.filter(({ pid }) => pid === 0).slice(0, mostDescriptors);
  const asked = [...places.filter(({ pid }) => pid > 0), ...named];
  const requests = asked.map(({ pid }, at) =>
    namespaceIdRequest(pid > 0 ? { pid } : { fd: firstDescriptor + at - (asked.length - named.length) }),
  );
  const answers = tryExchanges(requests, {
    ...(namespacePath === undefined ? {} : { namespacePath }),
    descriptors: new Map(named.map(({ path }, at) => [firstDescriptor + at, path === "" ? "/proc/self/ns/net" : path])),
  });
  const ids = new Map<number, NetworkPlace>();
  for (const [at, answer] of answers.entries()) {
    const id = answer.errno === undefined ? parseNamespaceId(answer.replies) : undefined;
    const place = asked[at];
    if (id !== undefined && place) ids.set(id, place);
  }
  return ids;
}
