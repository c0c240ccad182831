// Veth pairs of the host and of all containers: listing, making, moving and removing them.
import { findNetworkPlaces, type NetworkPlace, readPlaceIds } from "../../kernel/network/link-peer.ts";
import { type LinkTable, readLinkTables } from "../../kernel/network/link-table.ts";
import { renderPrefix } from "../../network/link-address.ts";
import type { LinkDetail } from "../../network/link-detail.ts";
import { pairEnds } from "../../network/link-pair.ts";
import { planLinkRemove, planVethAdd, planVethMove, type VethRequest } from "../../network/link-plan.ts";
import type { Engine } from "../engine.ts";
import { type Owners, openOwners } from "../owner.ts";
import { applyWhole } from "../undo.ts";
import { hostWord, ownerWord, readOtherPlace, readPlace } from "./link-place.ts";

/** One end of a pair as it is shown. */
export interface VethEndView {
  readonly name: string;
  readonly index: number;
  /** Inode of its network namespace. */
  readonly namespace: number;
  /** A process in that namespace; 0 for none. */
  readonly pid: number;
  /** "host", a container, a process, or the name of a namespace without processes. */
  readonly owner: string;
  readonly state: string;
  readonly up: boolean;
  readonly mtu: number;
  readonly mac: string;
  /** The bridge it is a port of; empty for none. */
  readonly master: string;
  readonly addresses: readonly string[];
}

export interface VethPairView {
  readonly end: VethEndView;
  /** Absent when its namespace cannot be looked into. */
  readonly peer?: VethEndView;
}

/** Every pair with an end that can be seen, those of this namespace first. Throws KernelError. */
export function listVethPairs(engine: Engine): readonly VethPairView[] {
  const places = findNetworkPlaces();
  const tables = readLinkTables(places.map(({ path }) => path));
  const owners = openOwners(engine);
  const ends = tables.flatMap((table, at) => {
    return (table?.links ?? [])
      .filter(({ kind, peerIndex }) => kind === "veth" && peerIndex !== undefined)
      .map((link) => ({ place: at, link, table }));
  });
  const ids = new Map<number, ReadonlyMap<number, NetworkPlace>>();
  const idsOf = (at: number) => {
    const known = ids.get(at) ?? readPlaceIds(places, places[at]?.path || undefined);
    ids.set(at, known);
    return known;
  };
  const placeOfId = (at: number, id: number): number | undefined => {
    const found = idsOf(at).get(id);
    return found && places.indexOf(found);
  };
  const view = (end: (typeof ends)[number]) => viewOf(end.link, end.table, places[end.place], owners, places[0]?.inode ?? 0);
  return pairEnds(ends, placeOfId).map(({ end, peer }) => ({ end: view(end), ...(peer ? { peer: view(peer) } : {}) }));
}

function viewOf(link: LinkDetail, table: LinkTable | undefined, place: NetworkPlace | undefined, owners: Owners, own: number): VethEndView {
  const inode = place?.inode ?? 0;
  const { name, index, state, up, mtu, mac } = link;
  return {
    name,
    index,
    namespace: inode,
    pid: place?.pid ?? 0,
    owner: inode === own ? hostWord : place?.pid === 0 ? place.name : ownerWord(owners.ofNamespace("net", inode)),
    state,
    up,
    mtu,
    mac,
    master: table?.links.find((each) => each.index === link.master)?.name ?? "",
    addresses: (table?.addresses ?? []).filter(({ linkIndex }) => linkIndex === index).map(renderPrefix),
  };
}

export interface VethPlaces {
  readonly in?: string | undefined;
  readonly peerIn?: string | undefined;
}

export async function addVeth(engine: Engine, request: VethRequest, where: VethPlaces): Promise<void> {
  const place = readPlace(engine, where.in);
  await applyWhole(engine, planVethAdd(request, place, readOtherPlace(engine, where.peerIn, place)));
}

export async function removeVeth(engine: Engine, names: readonly string[], reference: string | undefined): Promise<void> {
  await applyWhole(engine, planLinkRemove(names, readPlace(engine, reference), "veth"));
}

export interface VethMove {
  readonly name: string;
  readonly newName?: string | undefined;
  readonly in?: string | undefined;
  readonly to: string;
}

export async function moveVeth(engine: Engine, move: VethMove): Promise<void> {
  const from = readPlace(engine, move.in);
  await applyWhole(engine, planVethMove(move.name, move.newName, from, readOtherPlace(engine, move.to, from)));
}
