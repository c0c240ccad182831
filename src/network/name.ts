// How links and chains are called: every name follows from the data root, the network and the container, so that
// installations with different roots never meet in the kernel. Knows nothing of what carries the names.

/** Data root whose default bridge has the short name `tsns0`. */
export const standardRoot = "/var/lib/tsns";

/** Name of the network a container joins when none is given, as docker calls it. */
export const defaultNetwork = "bridge";

/** All bridges of all roots begin with this, so that `-o tsns+` means "some network of tsns". */
export const bridgePrefix = "tsns";

/** Chains of one network (at most 28 characters; nft's backend takes 255, legacy 28). */
export interface NetworkNames {
  readonly bridge: string;
  /** filter: decides on packets from and to the bridge. */
  readonly forwardChain: string;
  /** nat: published ports. */
  readonly dnatChain: string;
  /** filter: published ports of a routed network. */
  readonly portChain: string;
  /** nat: masquerading. */
  readonly masqueradeChain: string;
  /** raw: keeps 127.0.0.0/8 of the host closed to the bridge. */
  readonly guardChain: string;
  /** Owner written into the comment of the network's own rules. */
  readonly owner: string;
}

/** 64-bit FNV-1a: short, spread evenly, no secret. */
function hash64(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

/** In base 36, cut to `length` digits. */
export function shortHash(text: string, length: number): string {
  return hash64(text).toString(36).padStart(13, "0").slice(-length);
}

/** 64 hex digits, the same for the same text. */
function hashedId(text: string): string {
  return [0, 1, 2, 3].map((part) => hash64(`${part}\0${text}`).toString(16).padStart(16, "0")).join("");
}

/** Id of a container's place on a network, as docker shows one. */
export const endpointId = (containerId: string, network: string): string => hashedId(`endpoint\0${containerId}\0${network}`);

/** Id of a network that is there without having been made: host, none, and the default one, also once it is made. */
export const builtInNetworkId = (root: string, network: string): string => hashedId(`network\0${root}\0${network}`);

/** 40 bits for the unique local addresses of a root on a host (RFC 4193 3.2.2). */
export const uniqueLocalBits = (seed: string): bigint => hash64(`fd\0${seed}`) >> 24n;

/** Bridge of a network: `tsns0` for the default one of the standard root, else `tsns-` and a hash (15 bytes, IFNAMSIZ - 1). */
export function bridgeName(root: string, network: string = defaultNetwork): string {
  if (root === standardRoot && network === defaultNetwork) return `${bridgePrefix}0`;
  return `${bridgePrefix}-${shortHash(`${root}\0${network}`, 10)}`;
}

/** Chain names follow from the bridge's, which is unique on the host. */
export function namesOfBridge(bridge: string): NetworkNames {
  return {
    bridge,
    forwardChain: `TSNS-FWD-${bridge}`,
    dnatChain: `TSNS-DNAT-${bridge}`,
    portChain: `TSNS-PORT-${bridge}`,
    masqueradeChain: `TSNS-MASQ-${bridge}`,
    guardChain: `TSNS-RAW-${bridge}`,
    owner: bridge,
  };
}

/**
 * Host side of a container's veth pair, 15 bytes. It depends on the time of the start as well: the kernel removes the
 * link of a run that has ended a moment later (cleanup_net runs in a work queue), and a restart must not meet it.
 */
export function hostLinkName(containerId: string, network: string, startedMs: number): string {
  return `veth${shortHash(`${containerId}\0${network}\0${startedMs}`, 11)}`;
}

/**
 * Interface index of such a link, which follows from its name: filters and queues of a link are set up by index alone, and their messages
 * are encoded before it is there. From 2^24 to 2^30, where the kernel's own counting (from 1 on) does not come.
 */
export function hostLinkIndex(hostLink: string): number {
  return (Number.parseInt(hostLink.slice(-6), 36) % (2 ** 29 - 2 ** 23)) * 2 + 2 ** 24;
}

/** Where what such a link takes in waits when it comes too fast; the index is the one above the link's. */
export const heldLink = (hostLink: string): { readonly name: string; readonly index: number } => ({
  name: `ifb${hostLink.slice(4)}`,
  index: hostLinkIndex(hostLink) + 1,
});
