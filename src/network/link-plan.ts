// Plans on links and their addresses in any network namespace, from what was observed there. Pure; refuses what the kernel would refuse,
// with the remedy.
import { TsnsError } from "../base/error.ts";
import type { Plan, PlannedStep } from "../plan/plan.ts";
import type { LinkChange } from "../plan/step/link.ts";
import { type Prefix, renderPrefix } from "./link-address.ts";
import type { AddressState, LinkDetail } from "./link-detail.ts";
import { requireFree, requireLink, requireName, requirePortable } from "./link-name.ts";

/** A network namespace with its links. */
export interface LinkPlace {
  /** File of the namespace; absent: the one tsns is in. */
  readonly path?: string;
  /** "this namespace", "container web". */
  readonly label: string;
  readonly links: readonly LinkDetail[];
}

const inside = ({ path }: LinkPlace) => (path === undefined ? {} : { namespace: path });
const isSame = (one: LinkPlace, other: LinkPlace) => one.path === other.path;

export interface VethRequest {
  readonly name: string;
  readonly peer: string;
  readonly mtuBytes?: number | undefined;
  /** Brings both ends up. */
  readonly up?: boolean | undefined;
}

/** A veth pair with its ends in two places, which may be one. */
export function planVethAdd({ name, peer, mtuBytes, up }: VethRequest, at: LinkPlace, peerAt: LinkPlace): Plan {
  requireName(name);
  requireName(peer);
  requireFree(at.links, name, at.label);
  requireFree(peerAt.links, peer, peerAt.label);
  if (name === peer && isSame(at, peerAt)) {
    throw new TsnsError("invalid", "same-name", `both ends of the pair are called ${name} in ${at.label}`, {
      hint: "name them apart",
      exitCode: 2,
    });
  }
  const place = peerAt.path === undefined ? {} : { peerNamespace: peerAt.path };
  const add: PlannedStep = {
    step: { kind: "veth.add", name, peer, ...inside(at), ...place, ...(mtuBytes === undefined ? {} : { mtuBytes }) },
    because: `${name} in ${at.label} and ${peer} in ${peerAt.label} are the two ends of one cable`,
    undo: { kind: "link.remove", name, ...inside(at) },
  };
  const raise = (end: string, where: LinkPlace): PlannedStep => ({
    step: { kind: "link.set", name: end, change: { up: true }, ...inside(where) },
    because: `${end} carries packets once it is up`,
  });
  return { steps: [add, ...(up ? [raise(name, at), raise(peer, peerAt)] : [])] };
}

/** What brings back a property of a link. */
function inverseOf(change: LinkChange, link: LinkDetail, links: readonly LinkDetail[]): LinkChange {
  if ("up" in change) return { up: link.up };
  if ("promiscuous" in change) return { promiscuous: link.promiscuous };
  if ("mtuBytes" in change) return { mtuBytes: link.mtu };
  if ("mac" in change) return { mac: link.mac };
  if ("newName" in change) return { newName: link.name };
  if ("master" in change) return { master: links.find(({ index }) => index === link.master)?.name ?? "" };
  if ("txQueueLength" in change) return { txQueueLength: link.txQueueLength };
  return { alias: link.alias };
}

function reasonOf(change: LinkChange, { name }: LinkDetail): string {
  if ("up" in change) return change.up ? `${name} carries packets once it is up` : `${name} carries no packets once it is down`;
  if ("promiscuous" in change) return change.promiscuous ? `${name} takes every frame it sees` : `${name} takes only its own frames`;
  if ("mtuBytes" in change) return `${name} sends packets of at most ${change.mtuBytes} bytes`;
  if ("mac" in change) return `${name} has the hardware address ${change.mac}`;
  if ("newName" in change) return `${name} is called ${change.newName}`;
  if ("master" in change) return change.master === "" ? `${name} is nobody's port` : `${name} is a port of ${change.master}`;
  if ("txQueueLength" in change) return `${name} queues at most ${change.txQueueLength} packets`;
  return `${name} is described`;
}

/** Kinds of links that have ports (ndo_add_slave of the kernel's drivers). */
const masterKinds: ReadonlySet<string> = new Set(["bridge", "bond", "team", "vrf", "openvswitch", "rmnet", "batadv"]);

/** Of which the kernel says only that it is not supported. */
function checkMaster(master: LinkDetail, link: LinkDetail, at: LinkPlace): void {
  if (master.index === link.index)
    throw new TsnsError("invalid", "own-master", `${link.name} cannot be its own port`, { hint: "name a bridge", exitCode: 2 });
  if (!masterKinds.has(master.kind)) {
    const bridges = at.links.filter(({ kind }) => kind === "bridge").map(({ name }) => name);
    const what = master.kind === "" ? "hardware or loopback" : `of kind ${master.kind}`;
    throw new TsnsError("invalid", "not-a-master", `${master.name} in ${at.label} is ${what} and takes no ports`, {
      hint: bridges.length > 0 ? `name a bridge: ${bridges.slice(0, 8).join(", ")}` : "tsns net bridge add makes a bridge",
    });
  }
  if (master.kind === "bridge") requirePortable(link);
}

function checkChange(change: LinkChange, link: LinkDetail, at: LinkPlace): void {
  if ("newName" in change && change.newName !== link.name) requireFree(at.links, change.newName, at.label);
  if ("master" in change && change.master !== "") checkMaster(requireLink(at.links, change.master, at.label), link, at);
  if (!("mtuBytes" in change)) return;
  const { minimumMtu, maximumMtu } = link;
  if (change.mtuBytes >= minimumMtu && (maximumMtu === 0 || change.mtuBytes <= maximumMtu)) return;
  throw new TsnsError("invalid", "bad-mtu", `${link.name} takes no MTU of ${change.mtuBytes} bytes`, {
    hint: maximumMtu === 0 ? `at least ${minimumMtu}` : `from ${minimumMtu} to ${maximumMtu}`,
  });
}

/** One step per property, so that each can be undone when a later one fails. */
export function planLinkSet(name: string, changes: readonly LinkChange[], at: LinkPlace): Plan {
  const link = requireLink(at.links, name, at.label);
  for (const change of changes) checkChange(change, link, at);
  const steps = changes.map((change): PlannedStep => {
    const renamed = "newName" in change ? change.newName : name;
    return {
      step: { kind: "link.set", name, change, ...inside(at) },
      because: reasonOf(change, link),
      undo: { kind: "link.set", name: renamed, change: inverseOf(change, link, at.links), ...inside(at) },
    };
  });
  return { steps };
}

/** `kind` "veth": only such a link is taken. */
export function planLinkRemove(names: readonly string[], at: LinkPlace, kind?: "veth"): Plan {
  const links = names.map((name) => requireKind(requireLink(at.links, name, at.label), kind));
  for (const { name, kind: own } of links) {
    if (own === "") {
      throw new TsnsError("invalid", "not-removable", `${name} in ${at.label} is hardware or loopback and cannot be removed`, {
        hint: `tsns net link down ${name} takes it out of service`,
      });
    }
  }
  return { steps: links.map((link) => ({ step: { kind: "link.remove", name: link.name, ...inside(at) }, because: removal(link, at) })) };
}

function removal({ name, kind }: LinkDetail, at: LinkPlace): string {
  return `${name} is taken from ${at.label}${kind === "veth" ? ", and with it the other end of the pair" : ""}`;
}

function requireKind(link: LinkDetail, kind: "veth" | undefined): LinkDetail {
  if (kind === undefined || link.kind === kind) return link;
  throw new TsnsError("invalid", "no-veth", `${link.name} is no veth link but ${link.kind || link.type}`, {
    hint: "tsns net veth ls lists the pairs",
  });
}

/** One end goes to another namespace. */
export function planVethMove(name: string, newName: string | undefined, from: LinkPlace, to: LinkPlace): Plan {
  requireKind(requireLink(from.links, name, from.label), "veth");
  const final = newName === undefined ? name : requireName(newName);
  if (isSame(from, to)) {
    throw new TsnsError("conflict", "same-namespace", `${name} is in ${to.label} already`, {
      hint: "tsns net link set NAME name NEW renames it",
    });
  }
  requireFree(to.links, final, to.label);
  const target = to.path === undefined ? {} : { target: to.path };
  const back = from.path === undefined ? {} : { target: from.path };
  return {
    steps: [
      {
        step: { kind: "link.move", name, ...inside(from), ...target, ...(final === name ? {} : { newName: final }) },
        because: `${name} is ${final === name ? "moved" : `called ${final}`} in ${to.label}, down and without addresses`,
        undo: { kind: "link.move", name: final, ...inside(to), ...back, ...(final === name ? {} : { newName: name }) },
      },
    ],
  };
}

const addressesOf = (link: LinkDetail, addresses: readonly AddressState[]) => addresses.filter(({ linkIndex }) => linkIndex === link.index);

/** Adds addresses to a link. */
export function planAddressAdd(
  prefixes: readonly Prefix[],
  name: string,
  at: LinkPlace & { readonly addresses: readonly AddressState[] },
  withoutDetection = false,
): Plan {
  const link = requireLink(at.links, name, at.label);
  const own = addressesOf(link, at.addresses);
  return {
    steps: prefixes.map((prefix): PlannedStep => {
      const address = renderPrefix(prefix);
      if (own.some((state) => state.address === prefix.address && state.prefixLength === prefix.prefixLength)) {
        throw new TsnsError("conflict", "address-exists", `${name} in ${at.label} has the address ${address} already`, {
          hint: `tsns net addr ls ${name} shows its addresses`,
        });
      }
      return {
        step: { kind: "address.add", link: name, address, ...inside(at), ...(withoutDetection ? { withoutDetection } : {}) },
        because: `${at.label} answers to ${prefix.address} on ${name}`,
        undo: { kind: "address.remove", link: name, address, ...inside(at) },
      };
    }),
  };
}

function removalOf(states: readonly AddressState[], name: string, at: LinkPlace): Plan {
  return {
    steps: states.map((state): PlannedStep => {
      const step = { link: name, address: renderPrefix(state), ...inside(at) };
      return {
        step: { kind: "address.remove", ...step },
        because: `${at.label} no longer answers to ${state.address} on ${name}`,
        undo: { kind: "address.add", ...step },
      };
    }),
  };
}

/** `wanted` may leave the prefix length out. */
export function planAddressRemove(
  wanted: readonly { readonly address: string; readonly prefixLength?: number }[],
  name: string,
  at: LinkPlace & { readonly addresses: readonly AddressState[] },
): Plan {
  const own = addressesOf(requireLink(at.links, name, at.label), at.addresses);
  const found = wanted.map(({ address, prefixLength }) => {
    const state = own.find((each) => each.address === address && (prefixLength === undefined || each.prefixLength === prefixLength));
    if (state) return state;
    const text = prefixLength === undefined ? address : renderPrefix({ address, prefixLength });
    const hint = own.length > 0 ? `it has ${own.map(renderPrefix).join(", ")}` : "it has no address";
    throw new TsnsError("not-found", "no-such-address", `${name} in ${at.label} has no address ${text}`, { hint });
  });
  return removalOf(found, name, at);
}

/** All addresses of a link, or those of one family. */
export function planAddressFlush(
  name: string,
  at: LinkPlace & { readonly addresses: readonly AddressState[] },
  only?: AddressState["family"],
): Plan {
  const own = addressesOf(requireLink(at.links, name, at.label), at.addresses);
  return removalOf(
    own.filter((state) => only === undefined || state.family === only),
    name,
    at,
  );
}
