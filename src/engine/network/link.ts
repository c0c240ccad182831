// Links of any network namespace: listing and changing them.
import { renderPrefix } from "../../network/link-address.ts";
import type { LinkDetail } from "../../network/link-detail.ts";
import { requireLink } from "../../network/link-name.ts";
import { planLinkRemove, planLinkSet } from "../../network/link-plan.ts";
import type { LinkChange } from "../../plan/step/link.ts";
import type { Engine } from "../engine.ts";
import { applyWhole } from "../undo.ts";
import { nobody, readLinkOwners, readPlace } from "./link-place.ts";

/** A link with the names of what it is connected to. */
export interface LinkRow extends LinkDetail {
  /** Bridge or bond whose port it is; empty for none. */
  readonly masterName: string;
  /** The veth peer or lower link: a name in the same namespace, else `if7` by its number; empty for none. */
  readonly peerName: string;
  readonly addresses: readonly string[];
  /** "-" for nobody's. */
  readonly owner: string;
}

/** All links of a namespace, or those named. Throws TsnsError not-found `no-such-interface`. */
export function listLinks(engine: Engine, reference: string | undefined, names: readonly string[] = []): readonly LinkRow[] {
  const place = readPlace(engine, reference);
  const chosen = names.length > 0 ? names.map((name) => requireLink(place.links, name, place.label)) : place.links;
  const owners = readLinkOwners(engine, place);
  const nameOf = (index: number | undefined) => place.links.find((link) => link.index === index)?.name;
  return chosen.map((link) => ({
    ...link,
    masterName: nameOf(link.master) ?? "",
    peerName: link.peerIndex === undefined ? "" : ((link.peerElsewhere ? undefined : nameOf(link.peerIndex)) ?? `if${link.peerIndex}`),
    addresses: place.addresses.filter(({ linkIndex }) => linkIndex === link.index).map(renderPrefix),
    owner: owners.get(link.index) ?? nobody,
  }));
}

/** Properties of one link, all of them or none. */
export async function setLink(engine: Engine, reference: string | undefined, name: string, changes: readonly LinkChange[]): Promise<void> {
  await applyWhole(engine, planLinkSet(name, changes, readPlace(engine, reference)));
}

/** The same property of several links, all of them or none. */
export async function setLinks(engine: Engine, reference: string | undefined, names: readonly string[], change: LinkChange): Promise<void> {
  const place = readPlace(engine, reference);
  await applyWhole(engine, { steps: names.flatMap((name) => planLinkSet(name, [change], place).steps) });
}

export async function removeLinks(engine: Engine, reference: string | undefined, names: readonly string[]): Promise<void> {
  await applyWhole(engine, planLinkRemove(names, readPlace(engine, reference)));
}
