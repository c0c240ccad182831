// What comes out of each cell of the matrix with tsns, as policy: who may reach whom, and which address is seen. Knows no rules.
import type { Cell, Family, Place } from "./cell.ts";

/**
 * blocked, or whose address the target sees. own: that of who asks. gateway: the host's on the target's network.
 * lan: the host's on the LAN. loopback: the one that stands for ::1. relayed: the host's on the target's IPv4 network, though it was
 * asked by IPv6.
 */
export type Verdict = "blocked" | "own" | "gateway" | "lan" | "loopback" | "relayed";

/**
 * Rule sets of the host beside which the matrix is asked. drop: INPUT and FORWARD drop what no rule accepts. user: the administrator's
 * own chain drops what `lan` begins. docker, podman: another engine's rules.
 */
export type Firewall = "none" | "drop" | "user" | "ufw" | "firewalld" | "docker" | "podman";

const networkOf: Readonly<Record<Place, string | undefined>> = {
  host: undefined,
  web: "front",
  peer: "front",
  far: "back",
  plain: "bridge",
  hidden: "inner",
  open: "routed",
  lan: undefined,
  remote: undefined,
};

/** Rule sets that let nobody reach a service of the host. */
const closedHost: readonly Firewall[] = ["drop", "ufw"];

const isOutside = (place: Place): boolean => place === "lan" || place === "remote";

function expectHost({ origin, way, publication }: Cell, firewall: Firewall): Verdict {
  if (publication === "loopback" || closedHost.includes(firewall)) return "blocked";
  if (firewall === "firewalld" && isOutside(origin)) return "blocked"; // it trusts the networks of containers, as beside docker
  if (origin === "hidden" && way === "lan") return "blocked"; // no route leads there
  return "own";
}

/** To a machine outside: by the host's address, but from a routed network. */
function expectOutside({ origin }: Cell): Verdict {
  if (origin === "hidden") return "blocked";
  return origin === "open" ? "own" : "lan";
}

/** By the container's own address: the host, itself and its neighbours reach every port, others what a routed network publishes. */
function expectDirect({ origin, target, publication }: Cell, firewall: Firewall): Verdict {
  if (origin === "host") return "gateway";
  if (networkOf[origin] === networkOf[target] && networkOf[origin] !== undefined) return "own";
  if (target !== "open" || publication !== "any" || origin === "hidden") return "blocked";
  // firewalld itself lets in from outside only what was translated
  if (isOutside(origin)) return firewall === "firewalld" ? "blocked" : "own";
  return "gateway"; // what leaves another network leaves by the host's address
}

function isPublishedAt({ publication, way }: Cell): boolean {
  if (publication === "any") return true;
  return publication === way;
}

/** By an address of the host; to a routed network none leads. */
function expectPublished(cell: Cell): Verdict {
  const { origin, target, way, family } = cell;
  if (target === "hidden" || target === "open" || origin === "hidden" || !isPublishedAt(cell)) return "blocked";
  if (way === "loopback") {
    if (origin !== "host") return "blocked"; // a container's loopback is its own
    return family === "ipv6" ? "loopback" : "gateway";
  }
  if (origin === "host") return way === "lan" ? "lan" : "gateway";
  return isOutside(origin) || origin === "open" ? "own" : "gateway";
}

/** By IPv6 at a port of a container that has none: its monitor passes it on. */
function expectRelayed({ origin, target, way, protocol, publication }: Cell): Verdict {
  if (target !== "plain" || publication !== "any" || protocol === "sctp" || origin === "hidden") return "blocked";
  if (way === "loopback") return origin === "host" ? "relayed" : "blocked";
  return way === "lan" ? "relayed" : "blocked"; // its network has no other address
}

/** Like docker's, the default network has no IPv6. */
export const hasFamily = (place: Place, family: Family): boolean => place !== "plain" || family === "ipv4";

export function expect(cell: Cell, firewall: Firewall): Verdict {
  if (!hasFamily(cell.origin, cell.family)) return "blocked";
  if (cell.target === "host") return expectHost(cell, firewall);
  if (isOutside(cell.target)) return expectOutside(cell);
  if (firewall === "user" && cell.origin === "lan") return "blocked";
  if (!hasFamily(cell.target, cell.family)) return expectRelayed(cell);
  return cell.way === "direct" ? expectDirect(cell, firewall) : expectPublished(cell);
}
