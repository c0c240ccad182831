// Steps on links, their addresses, routes and network settings of the kernel, in any network namespace. Values only.

/** Where a step acts. */
interface InNamespace {
  /** File of a network namespace; absent: the one tsns is in. */
  readonly namespace?: string;
}

/** Adds a bridge link. */
export interface BridgeAdd {
  readonly kind: "bridge.add";
  readonly name: string;
  readonly mac: string;
}

/** Adds a link for others to sit on: a VLAN of another link, else one that leads nowhere. It is down. */
export interface ParentAdd {
  readonly kind: "parent.add";
  readonly name: string;
  readonly vlan?: { readonly on: string; readonly id: number };
}

/** Adds a veth pair; both ends are down. Undone by removing one end. */
export interface VethAdd extends InNamespace {
  readonly kind: "veth.add";
  readonly name: string;
  readonly peer: string;
  /** File of the peer's namespace; absent: the one tsns is in. */
  readonly peerNamespace?: string;
  /** Of both ends; absent: the kernel's default. */
  readonly mtuBytes?: number;
}

/** Brings a link up (IFF_UP). */
export interface LinkUp {
  readonly kind: "link.up";
  readonly name: string;
}

/** One property of a link. */
export type LinkChange =
  | { readonly up: boolean }
  | { readonly promiscuous: boolean }
  | { readonly mtuBytes: number }
  | { readonly mac: string }
  | { readonly newName: string }
  /** Empty: no master. */
  | { readonly master: string }
  | { readonly txQueueLength: number }
  | { readonly alias: string };

/** Changes one property of a link. */
export interface LinkSet extends InNamespace {
  readonly kind: "link.set";
  readonly name: string;
  readonly change: LinkChange;
}

/** Moves a link to another network namespace; there it is down and without addresses. */
export interface LinkMove extends InNamespace {
  readonly kind: "link.move";
  readonly name: string;
  /** File of the namespace it goes to; absent: the one tsns is in. */
  readonly target?: string;
  readonly newName?: string;
}

/** Removes a link by name; a missing one is no error. */
export interface LinkRemove extends InNamespace {
  readonly kind: "link.remove";
  readonly name: string;
}

/** Adds an address, `10.1.2.1/24` or `fd00::1/64`, an IPv4 one with its broadcast address; one that is there is kept. */
export interface AddressAdd extends InNamespace {
  readonly kind: "address.add";
  readonly link: string;
  readonly address: string;
  /** IPv6: used at once, without looking for duplicates first. */
  readonly withoutDetection?: boolean;
}

/** Removes an address; a missing one is no error. */
export interface AddressRemove extends InNamespace {
  readonly kind: "address.remove";
  readonly link: string;
  readonly address: string;
  /** Who made it takes it away itself, as a rule. */
  readonly mayBeGone?: boolean;
}

/** A route as rtnetlink(7) has it. */
export interface RouteSpec {
  /** "unicast", "blackhole", "unreachable", "prohibit", "throw" or "local". */
  readonly type: string;
  /** Network with its prefix length; the default routes are `0.0.0.0/0` and `::/0`. */
  readonly destination: string;
  readonly gateway?: string;
  readonly link?: string;
  /** Source address of packets that have none yet. */
  readonly source?: string;
  readonly metric?: number;
  /** Absent: 254, the main table. */
  readonly table?: number;
  /** RTPROT_*; absent: 3 (boot) when it is added, any when it is removed. */
  readonly protocol?: number;
  /** RT_SCOPE_*; absent: what ip(8) chooses for such a route, any when it is removed. */
  readonly scope?: number;
  readonly mtuBytes?: number;
  /** The gateway is on the link although no network of the link has it. */
  readonly onlink?: boolean;
}

/** Adds a route; one to the same network with the same metric in the table is an error. */
export interface RouteAdd extends InNamespace {
  readonly kind: "route.add";
  readonly route: RouteSpec;
}

/** Removes a route; a missing one is no error. */
export interface RouteRemove extends InNamespace {
  readonly kind: "route.remove";
  readonly route: RouteSpec;
}

/** Puts a token bucket before a link: it sends no faster; one that is there is replaced. */
export interface RateSet extends InNamespace {
  readonly kind: "rate.set";
  readonly link: string;
  readonly rate: { readonly bitsPerSecond: number; readonly burstBytes: number; readonly limitBytes: number };
}

/** Takes the bucket before a link away; a missing one is no error. */
export interface RateClear extends InNamespace {
  readonly kind: "rate.clear";
  readonly link: string;
}

/** Adds an ifb link that is up, with a token bucket before it: what is redirected there goes on from where it came, no faster than that. */
export interface IfbAdd {
  readonly kind: "ifb.add";
  readonly name: string;
  readonly index: number;
  readonly rate: RateSet["rate"];
}

/** All that comes in by a link goes through an ifb first; another one takes the place of the one that is there. */
export interface RedirectSet {
  readonly kind: "redirect.set";
  readonly link: string;
  readonly target: string;
}

/** What comes in by a link is taken at once again; one that is not redirected is no error. */
export interface RedirectClear {
  readonly kind: "redirect.clear";
  readonly link: string;
}

/** A message of rtnetlink(7) or several, one after the other. */
export interface NetlinkMessage {
  /** It goes to the container's namespace instead of the host's. */
  readonly inside: boolean;
  readonly hex: string;
}

/** Sends messages about the links of a running container, in order, by one process: all of them, whatever becomes of this one. */
export interface NetlinkSend {
  readonly kind: "netlink.send";
  /** File of the container's network namespace; messages name it by descriptor 103. */
  readonly namespace: string;
  /** The container's link, for errors. */
  readonly link: string;
  readonly messages: readonly NetlinkMessage[];
  /** Names of links that messages name by their index alone, in the namespace they go to. */
  readonly linkNames: Readonly<Record<number, string>>;
}

/** Writes below /proc/sys; `previous` is filled by the planner when the old value is to come back. */
export interface SysctlWrite {
  readonly kind: "sysctl.write";
  readonly key: string;
  readonly value: string;
}

export type LinkStep =
  | BridgeAdd
  | ParentAdd
  | VethAdd
  | LinkUp
  | LinkSet
  | LinkMove
  | LinkRemove
  | AddressAdd
  | AddressRemove
  | RouteAdd
  | RouteRemove
  | RateSet
  | RateClear
  | NetlinkSend
  | IfbAdd
  | RedirectSet
  | RedirectClear
  | SysctlWrite;
