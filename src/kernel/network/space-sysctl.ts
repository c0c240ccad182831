// Network settings of any namespace. /proc/sys/net shows those of the namespace the reader is in, so others are read by a program
// started in there.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";
import { namespaceProgram } from "../sandbox/location.ts";

/** Reads keys such as "net.ipv4.ip_forward"; link names in keys may have dots, which stay (sysctl(8) writes them as slashes). */
export function openSysctls(namespacePath: string | undefined): (key: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (key) => {
    if (!known.has(key)) known.set(key, namespacePath === undefined ? readOwn(key) : readInside(key, namespacePath));
    return known.get(key);
  };
}

/** The file of a key. The link's name is what stands between the fourth dot and the last. */
export function pathOfKey(key: string): string {
  const link = /^net\.(ipv4|ipv6)\.conf\.(.+)\.([a-z_]+)$/.exec(key);
  return link ? `/proc/sys/net/${link[1]}/conf/${link[2]}/${link[3]}` : `/proc/sys/${key.replaceAll(".", "/")}`;
}

function readOwn(key: string): string | undefined {
  try {
    return readFileSync(pathOfKey(key), "latin1").trim();
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "EPERM", "ENOTDIR")) return undefined;
    throw error;
  }
}

function readInside(key: string, namespacePath: string): string | undefined {
  const result = spawnSync(namespaceProgram, ["enter", "ns", "net", namespacePath, "--", "cat", pathOfKey(key)], { encoding: "latin1" });
  return result.status === 0 ? result.stdout.trim() : undefined;
}
