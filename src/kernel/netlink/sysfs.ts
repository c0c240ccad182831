// What /sys/class/net says of a link, read synchronously: for the hot path, where a netlink socket is too slow to load.
// sysfs shows the links of the network namespace it was mounted in (sysfs(5)), /proc those of this process.
import { existsSync, readFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";

function readAttribute(link: string, attribute: string): string | undefined {
  try {
    return readFileSync(`/sys/class/net/${link}/${attribute}`, "latin1").trim();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EINVAL")) return undefined;
    throw error;
  }
}

function readNumber(link: string, attribute: string): number | undefined {
  const text = readAttribute(link, attribute);
  return text === undefined || text === "" ? undefined : Number(text);
}

/**
 * Index of a link that is up, undefined when there is none of that name. From /proc/net/dev_mcast, which shows this process's own
 * network namespace whatever sysfs is mounted; an Ethernet link that is up always has a multicast address there.
 */
export function readLinkIndex(name: string): number | undefined {
  return parseMulticastIndex(readFileSync("/proc/self/net/dev_mcast", "latin1"), name) ?? readNumber(name, "ifindex");
}

/** Lines of /proc/net/dev_mcast: index, name, users, global users, address. */
export function parseMulticastIndex(text: string, name: string): number | undefined {
  for (const line of text.split("\n")) {
    const [index, link] = line.trim().split(/\s+/);
    if (link === name) return Number(index);
  }
  return undefined;
}

/** Whether this process's network namespace has a link of that name. */
export function hasLink(name: string): boolean {
  return parseLinkNames(readFileSync("/proc/self/net/dev", "latin1")).includes(name);
}

/** Lines of /proc/net/dev after the two of the header: `  eth0: 12 ...`. */
export function parseLinkNames(text: string): readonly string[] {
  return text
    .split("\n")
    .slice(2)
    .flatMap((line) => /^\s*(\S+):(?:\s|\d|$)/.exec(line)?.[1] ?? []);
}

/** Bridges of this process's network namespace that sysfs shows as well. */
export function readBridgeNames(): readonly string[] {
  const names = parseLinkNames(readFileSync("/proc/self/net/dev", "latin1"));
  return names.filter((name) => !name.startsWith("veth") && existsSync(`/sys/class/net/${name}/bridge`));
}

/** MTU in bytes, undefined when there is no such link. */
export function readLinkMtu(name: string): number | undefined {
  return readNumber(name, "mtu");
}
