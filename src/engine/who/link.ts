// Who has an address, a hardware address or a link of that name: links of every network namespace of the host.
import { findNetworkPlaces, type NetworkPlace, readPlaceIds } from "../../kernel/network/link-peer.ts";
import { readLinkTables } from "../../kernel/network/link-table.ts";
import type { Owner } from "../../namespace/owner.ts";
import type { Finding } from "../../namespace/who.ts";
import { canonicalAddress } from "../../network/canonical.ts";
import type { AddressState, LinkDetail } from "../../network/link-detail.ts";
import type { Owners } from "../owner.ts";
import type { Answer } from "./answer.ts";

export type LinkQuestion = { readonly as: "ip"; readonly address: string } | { readonly as: "mac" | "iface"; readonly word: string };

function isMeant(question: LinkQuestion, link: LinkDetail, addresses: readonly AddressState[]): boolean {
  if (question.as === "ip") return addresses.some(({ address }) => canonicalAddress(address) === question.address);
  return question.as === "mac" ? link.mac === question.word.toLowerCase() : link.name === question.word;
}

export function findLinks(owners: Owners, question: LinkQuestion): Answer {
  const places = findNetworkPlaces();
  const tables = readLinkTables(places.map(({ path }) => path));
  const findings = places.flatMap((place, at): readonly Finding[] => {
    const table = tables[at];
    if (!table) return [];
    return table.links.flatMap((link) => {
      const addresses = table.addresses.filter(({ linkIndex }) => linkIndex === link.index);
      return isMeant(question, link, addresses) ? [linkFinding(question.as, place, link, addresses, places, owners)] : [];
    });
  });
  const seen = tables.filter(Boolean).length;
  const hidden = places.length - seen;
  const tried = `${question.as}: links of ${seen} network namespace${seen === 1 ? "" : "s"}${hidden > 0 ? `, ${hidden} more are not yours to see` : ""}`;
  return { findings, tried };
}

function ownerOf({ path, pid }: NetworkPlace, owners: Owners): Owner | undefined {
  return path === "" || pid === 0 ? undefined : owners.ofPid(pid);
}

/** The other end of a veth pair, where that is another namespace we know. */
function peerPlace(place: NetworkPlace, link: LinkDetail, places: readonly NetworkPlace[]): NetworkPlace | undefined {
  if (link.kind !== "veth" || link.peerNamespaceId === undefined) return undefined;
  return readPlaceIds(places, place.path === "" ? undefined : place.path).get(link.peerNamespaceId);
}

function linkFinding(
  as: LinkQuestion["as"],
  place: NetworkPlace,
  link: LinkDetail,
  addresses: readonly AddressState[],
  places: readonly NetworkPlace[],
  owners: Owners,
): Finding {
  const peer = peerPlace(place, link, places);
  const peerOwner = peer && ownerOf(peer, owners);
  const owner = ownerOf(place, owners) ?? peerOwner;
  const texts = addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`);
  const name = place.pid === 0 && place.name !== "" ? ` in namespace ${place.name}` : "";
  const towards = peerOwner && place.path === "" ? `, its other end is in ${peer?.name || `net:[${peer?.inode}]`}` : "";
  const pid = place.path === "" ? (peerOwner?.pid ?? 0) : place.pid;
  return {
    as,
    how: as === "ip" ? "address" : "link",
    what: `${[link.name, link.kind, link.mac, ...texts].filter((word) => word !== "").join(" ")}${name}${towards}`,
    pid,
    process: pid > 0 ? owners.commandOf(pid) : "",
    ...(owner ? { owner } : {}),
    namespace: place.path === "" ? "" : `net:[${place.inode}]`,
    detail: { link: link.name, kind: link.kind, mac: link.mac, addresses: texts, index: link.index },
  };
}
