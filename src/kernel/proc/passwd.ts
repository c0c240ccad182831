// Names of the host's users: /etc/passwd only, no name service (a container engine must not hang on LDAP).
import { readFileSync } from "node:fs";
import { isErrno } from "../../base/error.ts";

/** uid to name; of several names of a uid the first counts, as getpwuid(3) does it. */
export function parsePasswd(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split("\n")) {
    const [name, , uid] = line.split(":");
    if (name && uid !== undefined && /^\d+$/.test(uid) && !names.has(Number(uid))) names.set(Number(uid), name);
  }
  return names;
}

export function readUserNames(): ReadonlyMap<number, string> {
  try {
    return parsePasswd(readFileSync("/etc/passwd", "utf8"));
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES")) return new Map();
    throw error;
  }
}
