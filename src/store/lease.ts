// Leases of addresses and published ports: who has what, unique across processes by the primary key.
import type { Database } from "./database.ts";

export interface PortLease {
  readonly protocol: string;
  readonly hostIp: string;
  readonly hostPort: number;
  readonly container: string;
}

/** In the order in which they were given: the last one is where the search for the next begins. */
export function listAddressLeases(store: Database, network: string): string[] {
  return store.all("SELECT address FROM address_lease WHERE network = ? ORDER BY rowid", network).map((row) => String(row.address));
}

export interface AddressLease {
  readonly network: string;
  readonly address: string;
  readonly container: string;
  /** That others on the network find the container by. */
  readonly names: readonly string[];
}

/** All of them, in the order in which they were given. */
export function listNameLeases(store: Database): AddressLease[] {
  return store.all("SELECT network, address, container, names FROM address_lease ORDER BY rowid").map((row) => ({
    network: String(row.network),
    address: String(row.address),
    container: String(row.container),
    names: String(row.names)
      .split(" ")
      .filter((name) => name !== ""),
  }));
}

export function takeAddress(store: Database, { network, address, container, names }: AddressLease): void {
  store.run(
    "INSERT INTO address_lease (network, address, container, names) VALUES (?, ?, ?, ?)",
    network,
    address,
    container,
    names.join(" "),
  );
}

/** Gives back what a container has of one network. */
export function releaseAddresses(store: Database, network: string, container: string): void {
  store.run("DELETE FROM address_lease WHERE network = ? AND container = ?", network, container);
}

/** Other names for a container on a network it is on. */
export function renameLease(store: Database, network: string, container: string, names: readonly string[]): void {
  store.run("UPDATE address_lease SET names = ? WHERE network = ? AND container = ?", names.join(" "), network, container);
}

export function listPortLeases(store: Database): PortLease[] {
  return store.all("SELECT protocol, host_ip, host_port, container FROM port_lease").map((row) => ({
    protocol: String(row.protocol),
    hostIp: String(row.host_ip),
    hostPort: Number(row.host_port),
    container: String(row.container),
  }));
}

export function takePort(store: Database, lease: PortLease): void {
  store.run(
    "INSERT INTO port_lease (protocol, host_ip, host_port, container) VALUES (?, ?, ?, ?)",
    lease.protocol,
    lease.hostIp,
    lease.hostPort,
    lease.container,
  );
}

/** Gives back everything a container holds. */
export function releaseLeases(store: Database, container: string): void {
  store.run("DELETE FROM address_lease WHERE container = ?", container);
  store.run("DELETE FROM port_lease WHERE container = ?", container);
}

/** Gives back one port that a container holds. */
export function releasePort(store: Database, lease: PortLease): void {
  store.run(
    "DELETE FROM port_lease WHERE protocol = ? AND host_ip = ? AND host_port = ? AND container = ?",
    lease.protocol,
    lease.hostIp,
    lease.hostPort,
    lease.container,
  );
}
