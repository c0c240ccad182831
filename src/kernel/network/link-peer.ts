// Which processes are behind the ids that a network namespace has for others (ip-netns(8)), and every network namespace of this host that
// can be found. Knows nothing of owners.
import { setsDirectory } from "../../namespace/set.ts";
import { namespaceIdRequest, parseNamespaceId } from "../netlink/namespace.ts";
import { type AnswerOrErrno, type Exchange, tryExchanges } from "../netlink/relay.ts";
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
    places.push({ inode, pid: 0, path: target, name: nameOfMount(target) });
  }
  return places;
}

/** `ip netns` calls the file, `tsns ns create` the directory that holds one file per kind. */
function nameOfMount(target: string): string {
  const set = target.startsWith(`${setsDirectory}/`) ? target.slice(setsDirectory.length + 1).replace(/\/net$/, "") : undefined;
  return set ?? target.slice(target.lastIndexOf("/") + 1);
}

/** Descriptors that the native helper can be given, native/ns-netlink.c. */
const firstDescriptor = 100;
const mostDescriptors = 100;

/** Questions for the ids of places, to be sent with whatever else is asked. */
export interface PlaceQuestion {
  readonly requests: readonly Exchange[];
  /** For the relay: the messages name them by number. */
  readonly descriptors: ReadonlyMap<number, string>;
  /** Places by the id that the asked namespace has for them, from the answers to `requests`. */
  readonly read: (answers: readonly AnswerOrErrno[]) => ReadonlyMap<number, NetworkPlace>;
}

function askPlaceIds(places: readonly NetworkPlace[]): PlaceQuestion {
  const named = places.filter(({ pid }) => pid === 0).slice(0, mostDescriptors);
  const asked = [...places.filter(({ pid }) => pid > 0), ...named];
  const firstNamed = asked.length - named.length;
  return {
    requests: asked.map(({ pid }, at) => namespaceIdRequest(pid > 0 ? { pid } : { fd: firstDescriptor + at - firstNamed })),
    descriptors: new Map(named.map(({ path }, at) => [firstDescriptor + at, path === "" ? "/proc/self/ns/net" : path])),
    read(answers) {
      const ids = new Map<number, NetworkPlace>();
      for (const [at, place] of asked.entries()) {
        const answer = answers[at];
        const id = answer && answer.errno === undefined ? parseNamespaceId(answer.replies) : undefined;
        if (id !== undefined) ids.set(id, place);
      }
      return ids;
    },
  };
}

/** By the ids that the namespace of that file (or this process's) has for them: the places among those given. */
export function readPlaceIds(places: readonly NetworkPlace[], namespacePath?: string): ReadonlyMap<number, NetworkPlace> {
  const { requests, descriptors, read } = askPlaceIds(places);
  return read(tryExchanges(requests, { descriptors, ...(namespacePath === undefined ? {} : { namespacePath }) }));
}
