// Network settings of any namespace. /proc/sys/net shows those of the namespace the reader is in, so others are read by a program
// started in there.
import { spawnSync } from "node:child_process";
import { pathOfKey } from "../../plan/sysctl.ts";
import { namespaceProgram } from "../sandbox/location.ts";
import { readSysctl } from "./sysctl.ts";

/** Reads keys such as "net.ipv4.ip_forward"; link names in keys may have dots, which stay (sysctl(8) writes them as slashes). */
export function openSysctls(namespacePath: string | undefined): (key: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (key) => {
    if (!known.has(key)) known.set(key, namespacePath === undefined ? readSysctl(key) : readInside(key, namespacePath));
    return known.get(key);
  };
}

function readInside(key: string, namespacePath: string): string | undefined {
  const result = spawnSync(namespaceProgram, ["enter", "ns", "net", namespacePath, "--", "cat", pathOfKey(key)], { encoding: "latin1" });
  return result.status === 0 ? result.stdout.trim() : undefined;
}
