// A network namespace with everything the plans on links need, and whose the things in it are.
import { findNetworkPlaces, readPlaceIds } from "../../kernel/network/link-peer.ts";
import { readRouteTable } from "../../kernel/network/link-table.ts";
import { type Owner, renderOwner } from "../../namespace/owner.ts";
import { ownerOfBridge } from "../../network/bridge-owner.ts";
import type { AddressState, LinkDetail } from "../../network/link-detail.ts";
import type { RouteState } from "../../network/route-state.ts";
import type { Engine } from "../engine.ts";
import { openOwners } from "../owner.ts";
import { networkNamespace, ownNetworkInode } from "./namespace.ts";
import { readNetworksOfBridges } from "./own.ts";

export interface NetworkPlaceState {
  /** File of the namespace; absent: the one tsns is in. */
  readonly path?: string;
  readonly inode: number;
  /** "this namespace", "container web". */
  readonly label: string;
  readonly links: readonly LinkDetail[];
  readonly addresses: readonly AddressState[];
  readonly routes: readonly RouteState[];
}

/** What is in the namespace of a reference (none: this one). Throws TsnsError as networkNamespace, KernelError. */
export function readPlace(engine: Engine, reference: string | undefined): NetworkPlaceState {
  const { path, inode, label } = networkNamespace(engine, reference);
  return { ...(path === undefined ? {} : { path }), inode, label, ...readRouteTable(path) };
}

/** A second place; the first one again when both are the same namespace. */
export function readOtherPlace(engine: Engine, reference: string | undefined, first: NetworkPlaceState): NetworkPlaceState {
  const { inode } = networkNamespace(engine, reference);
  return inode === first.inode ? first : readPlace(engine, reference);
}

/** "host" for what leads to the namespace tsns is in, "-" for nobody's. */
export const hostWord = "host";
export const nobody = "-";

export const ownerWord = (owner: Owner | undefined): string => (owner ? renderOwner(owner) : nobody);

/** For each link of a place by index whose it is: of a bridge the network's, of a veth end whoever has the other end. */
export function readLinkOwners(engine: Engine, place: NetworkPlaceState): ReadonlyMap<number, string> {
  const owners = new Map<number, string>();
  const bridges = place.links.filter(({ kind }) => kind === "bridge");
  const networks = bridges.length > 0 ? readNetworksOfBridges(engine) : [];
  for (const { index, name } of bridges) {
    const owner = ownerOfBridge(name, networks);
    if (owner) owners.set(index, renderOwner(owner));
  }
  if (!place.links.some(({ peerNamespaceId }) => peerNamespaceId !== undefined)) return owners;
  const [own, places] = [ownNetworkInode(), readPlaceIds(findNetworkPlaces(), place.path)];
  const known = openOwners(engine);
  for (const { index, peerNamespaceId } of place.links) {
    const peer = peerNamespaceId === undefined ? undefined : places.get(peerNamespaceId);
    if (!peer) continue;
    if (peer.inode === own) owners.set(index, hostWord);
    else owners.set(index, peer.pid === 0 ? peer.name : ownerWord(known.ofNamespace("net", peer.inode)));
  }
  return owners;
}
