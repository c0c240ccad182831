// Network namespaces for root tests: each held by a process of its own, which ends with the test.
import { execFileSync, spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import type { Test } from "tap";
import { waitFor } from "../fixture/wait.ts";

export interface Space {
  readonly pid: number;
  /** File of the namespace. */
  readonly path: string;
  /** Runs a shell command in it; returns what it printed. */
  sh(command: string): string;
}

const inodeOf = (pid: number | "self"): string => {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return ""; // not there yet
  }
};

/** A namespace whose loopback is up and whose IPv6 addresses are used at once. */
export async function openSpace(t: Test): Promise<Space> {
  const child = spawn("unshare", ["--net", "sleep", "1000"], { stdio: "ignore" });
  const pid = child.pid ?? 0;
  t.teardown(() => child.kill("SIGKILL"));
  await waitFor("the namespace", () => !["", inodeOf("self")].includes(inodeOf(pid)));
  const sh = (command: string) => execFileSync("nsenter", ["-t", `${pid}`, "-n", "sh", "-ec", command], { encoding: "utf8" });
  sh("ip link set lo up; for file in /proc/sys/net/ipv6/conf/*/accept_dad; do echo 0 > $file; done");
  return { pid, path: `/proc/${pid}/ns/net`, sh };
}

interface Addresses {
  readonly flags: readonly string[];
  readonly operstate: string;
  readonly addr_info: readonly { readonly family: string; readonly local: string }[];
}

/** Resolves when the kernel has done what it does a moment later: links that are up have their carrier, and IPv6 addresses of their own in use. */
export async function untilSettled(space: Space): Promise<void> {
  await waitFor("links that have settled", () => {
    const routes = space.sh("ip -6 route show table local type local");
    const links = (JSON.parse(space.sh("ip -j addr")) as readonly Addresses[]).filter(({ flags }) => flags.includes("UP"));
    return links.every(({ operstate, addr_info }) => {
      const six = addr_info.filter(({ family }) => family === "inet6");
      // An address has its route when nobody else has been found to have it.
      return operstate !== "DOWN" && six.length > 0 && six.every(({ local }) => routes.includes(`${local} dev`));
    });
  });
}

/** Without what differs from boot to boot: numbers of links, and states that the kernel sets a moment later. */
function settled(key: string, value: unknown): unknown {
  if (["ifindex", "link_index", "link_netnsid", "operstate", "valid_life_time", "preferred_life_time"].includes(key)) return undefined;
  if (key === "flags" && Array.isArray(value))
    return value.filter((flag) => !["NO-CARRIER", "LOWER_UP", "linkdown"].includes(String(flag)));
  return value;
}

const sorted = (list: readonly unknown[]): readonly string[] => list.map((entry) => JSON.stringify(entry, settled)).sort();

/** Links, addresses and routes of all tables as ip(8) shows them, in an order of their own. */
export function stateOf(space: Space): readonly string[] {
  const ask = (command: string) => sorted(JSON.parse(space.sh(`ip -j ${command}`) || "[]") as unknown[]);
  const details = JSON.parse(space.sh("ip -j -d link")) as { ifname: string; ifalias?: string; promiscuity: number }[];
  const described = details.map(({ ifname, ifalias, promiscuity }) => `${ifname} alias ${ifalias ?? "-"} promiscuity ${promiscuity}`);
  return [...described.sort(), ...ask("addr"), ...ask("-4 route show table all"), ...ask("-6 route show table all")];
}
