// What /sys/class/net says of a link, read synchronously: for the hot path, where a netlink socket is too slow to load.
// Shows the links of the network namespace that sysfs was mounted in (sysfs(5)).
import { readFileSync } from "node:fs";
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

/** Index of a link, undefined when there is none of that name. */
export function readLinkIndex(name: string): number | undefined {
  return readNumber(name, "ifindex");
}

/** Hardware address in lower case, undefined when there is no such link. */
export function readLinkMac(name: string): string | undefined {
  return readAttribute(name, "address");
}

/** MTU in bytes, undefined when there is no such link. */
export function readLinkMtu(name: string): number | undefined {
  return readNumber(name, "mtu");
}

/** True when the link exists and IFF_UP is set. */
export function isLinkUp(name: string): boolean {
  return (Number(readAttribute(name, "flags") ?? 0) & 1) === 1;
}
