// Where docker (20.10, Debian 12's, with ip6tables) answers the matrix in another way than tsns, and why; test/matrix/README.md tells it.
import type { Cell, Place } from "./cell.ts";
import { expect, type Firewall, hasFamily, type Verdict } from "./expect.ts";

export interface Difference {
  readonly reason: string;
  readonly applies: (cell: Cell, firewall: Firewall) => boolean;
  readonly docker: Verdict;
}

const isContainer = (place: Place): boolean => !["host", "lan", "remote"].includes(place);
const networkOf = (place: Place): string => (place === "web" || place === "peer" ? "front" : place);

const hasBoth = ({ origin, target, family }: Cell): boolean => hasFamily(origin, family) && hasFamily(target, family);

/** A port published on all addresses of the host, asked by one of them. */
const isPublished = ({ target, publication, way }: Cell): boolean =>
  isContainer(target) && target !== "hidden" && publication === "any" && way !== "direct";

/** By IPv6, on a container that has none. */
const isRelayed = (cell: Cell): boolean =>
  isPublished(cell) && !hasFamily(cell.target, cell.family) && hasFamily(cell.origin, cell.family) && cell.way !== "gateway";

/** Who reaches docker-proxy, a service of the host. firewalld knows docker's bridges, but those of internal networks. */
function lets({ origin }: Cell, firewall: Firewall): boolean {
  return firewall === "none" || (firewall === "firewalld" && isContainer(origin) && origin !== "hidden");
}

/** The first that applies counts. */
export const differences: readonly Difference[] = [
  {
    reason: "containers reach published ports through docker-proxy, a service of the host, which the host's INPUT does not let them reach",
    applies: (cell, firewall) =>
      ["drop", "ufw"].includes(firewall) &&
      isContainer(cell.origin) &&
      ["lan", "gateway"].includes(cell.way) &&
      isContainer(cell.target) &&
      expect(cell, firewall) !== "blocked",
    docker: "blocked",
  },
  {
    reason: "docker-proxy answers datagrams of containers from another address of the host than they asked",
    applies: (cell) =>
      isPublished(cell) &&
      hasBoth(cell) &&
      cell.protocol === "udp" &&
      isContainer(cell.origin) &&
      cell.origin !== "hidden" &&
      cell.way !== "loopback" &&
      !(cell.way === "gateway" && networkOf(cell.origin) === networkOf(cell.target)),
    docker: "blocked",
  },
  {
    reason:
      "docker-proxy passes IPv6 on to containers that have none as a service of the host, which its INPUT closes; it answers no datagrams of containers",
    applies: (cell, firewall) =>
      isRelayed(cell) &&
      expect(cell, firewall) === "relayed" &&
      cell.origin !== "host" &&
      !(lets(cell, firewall) && (!isContainer(cell.origin) || cell.protocol === "tcp")),
    docker: "blocked",
  },
  {
    reason: "docker-proxy passes on what a container of an internal network asks by IPv6 of one that has none",
    applies: (cell, firewall) =>
      isRelayed(cell) && cell.origin === "hidden" && cell.way === "lan" && lets(cell, firewall) && cell.protocol === "tcp",
    docker: "relayed",
  },
  {
    reason: "docker-proxy answers on ::1 and asks under the gateway's address; tsns has an address that stands for ::1",
    applies: (cell, firewall) => expect(cell, firewall) === "loopback",
    docker: "gateway",
  },
  {
    reason: "docker lets through what is routed straight to a published port of a container, also to one published on 127.0.0.1",
    applies: (cell, firewall) =>
      firewall !== "firewalld" &&
      ["lan", "remote"].includes(cell.origin) &&
      isContainer(cell.target) &&
      cell.target !== "hidden" &&
      cell.way === "direct" &&
      cell.publication !== "none" &&
      hasBoth(cell),
    docker: "own",
  },
  {
    reason: "a container of an internal network has a route to the host's other addresses",
    applies: ({ origin, target, way, publication }, firewall) =>
      firewall === "none" && origin === "hidden" && target === "host" && way === "lan" && publication === "none",
    docker: "own",
  },
  {
    reason: "docker tells firewalld of no bridge of an internal network, so that its containers reach no service of the host",
    applies: ({ origin, target, way, publication }, firewall) =>
      firewall === "firewalld" && origin === "hidden" && target === "host" && way === "gateway" && publication === "none",
    docker: "blocked",
  },
];

export const differenceOf = (cell: Cell, firewall: Firewall): Difference | undefined =>
  differences.find(({ applies }) => applies(cell, firewall));
