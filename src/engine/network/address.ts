// Addresses of links in any network namespace: listing and changing them.
import type { Family, Prefix } from "../../network/link-address.ts";
import type { AddressState } from "../../network/link-detail.ts";
import { requireLink } from "../../network/link-name.ts";
import { planAddressAdd, planAddressFlush, planAddressRemove } from "../../network/link-plan.ts";
import type { Engine } from "../engine.ts";
import { applyWhole } from "../undo.ts";
import { nobody, readLinkOwners, readPlace } from "./link-place.ts";

export interface AddressRow extends AddressState {
  readonly link: string;
  /** Whose the link is; "-" for nobody's. */
  readonly owner: string;
}

export interface AddressFilter {
  readonly link?: string | undefined;
  readonly family?: Family | undefined;
}

/** In the order of links. Throws TsnsError not-found `no-such-interface`. */
export function listAddresses(engine: Engine, reference: string | undefined, { link, family }: AddressFilter = {}): readonly AddressRow[] {
  const place = readPlace(engine, reference);
  const chosen = link === undefined ? place.links : [requireLink(place.links, link, place.label)];
  const owners = readLinkOwners(engine, place);
  return chosen.flatMap(({ index, name }) =>
    place.addresses
      .filter((address) => address.linkIndex === index && (family === undefined || address.family === family))
      .map((address) => ({ ...address, link: name, owner: owners.get(index) ?? nobody })),
  );
}

export async function addAddresses(
  engine: Engine,
  reference: string | undefined,
  request: { readonly link: string; readonly prefixes: readonly Prefix[]; readonly withoutDetection: boolean },
): Promise<void> {
  await applyWhole(engine, planAddressAdd(request.prefixes, request.link, readPlace(engine, reference), request.withoutDetection));
}

export async function removeAddresses(
  engine: Engine,
  reference: string | undefined,
  request: { readonly link: string; readonly addresses: readonly { readonly address: string; readonly prefixLength?: number }[] },
): Promise<void> {
  await applyWhole(engine, planAddressRemove(request.addresses, request.link, readPlace(engine, reference)));
}

export async function flushAddresses(engine: Engine, reference: string | undefined, link: string, family?: Family): Promise<void> {
  await applyWhole(engine, planAddressFlush(link, readPlace(engine, reference), family));
}
