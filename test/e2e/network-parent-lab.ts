// A link of the host with a neighbour at its other end, for networks of drivers macvlan and ipvlan.
import type { Test } from "tap";
import type { DataRoot } from "../fixture/data-root.ts";
import { sh } from "./network-lab.ts";

const tagged =
  "ip -n lan link add link far name far.10 type vlan id 10; ip -n lan link set far.10 up; ip -n lan addr add 10.82.0.1/24 dev far.10";

/** A link of this host with a neighbour at its other end: 10.81.0.1 and fd81::1, and, if asked for, 10.82.0.1 on VLAN 10 of it. */
export function openLan(t: Test, vlan = false): void {
  sh(`mkdir -p /run/netns; ip netns add lan; ip link add up0 type veth peer name far netns lan; ip link set up0 up
    ip -n lan link set far up; ip -n lan addr add 10.81.0.1/24 dev far; ip -n lan addr add fd81::1/64 dev far nodad
    ${vlan ? tagged : ""}
    ip -n lan addr add 10.99.9.9/32 dev lo; ip -n lan link set lo up; ip -n lan route add 10.83.0.0/24 dev far`);
  t.teardown(() => sh("ip netns del lan; ip link del up0 2>/dev/null || :"));
}

export const keep = (root: DataRoot, name: string, ...options: readonly string[]) =>
  root.ok(["run", "-d", "--name", name, ...options, "box", "sleep", "1000"]);

/** `may`: whether it is to; an answer that is not to come is not waited for as long. */
export async function reaches(root: DataRoot, name: string, address: string, may = true): Promise<boolean> {
  const { stdout } = await root.tsns(["exec", name, "ping", "-c1", may ? "-W10" : "-W2", address]);
  return / 0% packet loss/.test(stdout);
}

export const placeOf = (root: DataRoot, name: string, network: string, field = "IPAddress") =>
  root.ok(["inspect", "-f", `{{(index .NetworkSettings.Networks "${network}").${field}}}`, name]);

export const lan = [
  "--subnet",
  "10.81.0.0/24",
  "--gateway",
  "10.81.0.1",
  "--ip-range",
  "10.81.0.128/25",
  "--ipv6",
  "--subnet",
  "fd81::/64",
  "--gateway",
  "fd81::1",
];
