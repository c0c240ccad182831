// Which two veth ends belong together. An end knows the number of its peer and, by an id of its own namespace, the peer's namespace; ids are
// asked for only where numbers alone leave a choice. Pure.
import type { LinkDetail } from "./link-detail.ts";

export interface VethEnd {
  /** Number of the namespace it is in, in the order of the caller. */
  readonly place: number;
  readonly link: LinkDetail;
}

export interface VethPair<E extends VethEnd> {
  readonly end: E;
  /** Undefined when the peer is in a namespace that was not looked into. */
  readonly peer: E | undefined;
}

/** Two ends that name each other by number, both in one namespace or both in two. */
function fits(one: VethEnd, other: VethEnd): boolean {
  if (one.link.peerIndex !== other.link.index || other.link.peerIndex !== one.link.index) return false;
  return one.place === other.place
    ? !one.link.peerElsewhere && one.link.index !== other.link.index
    : one.link.peerElsewhere && other.link.peerElsewhere;
}

/**
 * Each pair once, at its first end. `placeOfId` gives the namespace that another one calls by an id; undefined when it is none of
 * those looked into.
 */
export function pairEnds<E extends VethEnd>(
  ends: readonly E[],
  placeOfId: (place: number, id: number) => number | undefined,
): readonly VethPair<E>[] {
  const byNumbers = new Map<string, E[]>();
  const key = (index: number | undefined, peer: number | undefined) => `${index} ${peer}`;
  for (const end of ends) {
    const own = key(end.link.index, end.link.peerIndex);
    const list = byNumbers.get(own);
    if (list) list.push(end);
    else byNumbers.set(own, [end]);
  }
  const taken = new Set<E>();
  const pairs: VethPair<E>[] = [];
  for (const end of ends) {
    if (taken.has(end)) continue;
    taken.add(end);
    const candidates = (byNumbers.get(key(end.link.peerIndex, end.link.index)) ?? []).filter(
      (other) => !taken.has(other) && fits(end, other),
    );
    const peer = choose(end, candidates, placeOfId);
    if (peer) taken.add(peer);
    pairs.push({ end, peer });
  }
  return pairs;
}

function choose<E extends VethEnd>(
  end: E,
  candidates: readonly E[],
  placeOfId: (place: number, id: number) => number | undefined,
): E | undefined {
  const id = end.link.peerNamespaceId;
  if (!end.link.peerElsewhere || id === undefined) return candidates[0];
  // One candidate may still be a stranger: the true peer's namespace may not have been looked into.
  const place = placeOfId(end.place, id);
  return candidates.find((other) => other.place === place);
}
