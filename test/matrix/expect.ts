// What comes out of each cell of the matrix with tsns, as policy: who may reach whom, and which address is seen. Knows no rules.
import type { Cell, Family, Place } from "./cell.ts";

/**
 * blocked, or whose address the target sees. own: that of who asks. gateway: the host's on the target's network.
 * lan: the host's on the LAN. loopback: 127.0.0.1 or ::1.
 */
export type Verdict = "blocked" | "own" | "gateway" | "lan" | "loopback";

/** Rule sets of the host beside which the matrix is asked. `drop`: INPUT and FORWARD drop what no rule accepts. */
export type Firewall = "none" | "drop" | "ufw" | "firewalld" | "docker";

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

/** Firewalls that let nobody reach a service of the host. */
const closedHost: readonly Firewall[] = ["drop", "ufw", "firewalld"];

function expectHost({ origin, way, publication }: Cell, firewall: Firewall): Verdict {
  if (publication === "loopback" || closedHost.includes(firewall)) return "blocked";
  if (origin === "hidden" && way === "lan") return "blocked"; // no route leads there
  return "own";
}

/** To a machine outside: by the host's address, but from a routed network. */
function expectOutside({ origin }: Cell): Verdict {
  if (origin === "hidden") return "blocked";
  return origin === "open" ? "own" : "lan";
}

/** By the container's own address: the host, itself and its neighbours reach every port, nobody else any. */
function expectDirect({ origin, target, publication }: Cell): Verdict {
  if (origin === "host") return "gateway";
  if (networkOf[origin] === networkOf[target] && networkOf[origin] !== undefined) return "own";
  if (target === "open" && publication === "any" && origin !== "hidden") return "own";
  return "blocked";
}

function isPublishedAt({ publication, way }: Cell): boolean {
  if (publication === "any") return true;
  return publication === way;
}

/** By an address of the host. */
function expectPublished(cell: Cell): Verdict {
  const { origin, target, way } = cell;
  if (target === "hidden" || origin === "hidden" || !isPublishedAt(cell)) return "blocked";
  if (way === "loopback") return origin === "host" ? "gateway" : "blocked"; // a container's loopback is its own
  if (origin === "host") return way === "lan" ? "lan" : "gateway";
  return origin === "lan" || origin === "remote" ? "own" : "gateway";
}

/** Like docker's, the default network has no IPv6. */
export const hasFamily = (place: Place, family: Family): boolean => place !== "plain" || family === "ipv4";

export function expect(cell: Cell, firewall: Firewall): Verdict {
  if (![cell.origin, cell.target].every((place) => hasFamily(place, cell.family))) return "blocked";
  if (cell.target === "host") return expectHost(cell, firewall);
  if (cell.target === "lan" || cell.target === "remote") return expectOutside(cell);
  return cell.way === "direct" ? expectDirect(cell) : expectPublished(cell);
}
